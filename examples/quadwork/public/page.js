// The page: draws what the server says, sends what is typed and clicked. It keeps no truth of its own, so after a lost
// connection it simply hears everything again.
import { Terminal } from '/xterm/lib/xterm.mjs';
import { drawDisk, drawUsers } from './disk.js';
import { inBytes, inGrowth, inTime } from './words.js';

const byId = (id) => document.getElementById(id);
const cards = new Map(); // key → { card, terminal }
let socket;

function connect(delayMs = 250) {
  socket = new WebSocket(`ws://${location.host}/ws`);
  socket.onopen = () => {
    delayMs = 250;
    show('connected', 'connected');
  };
  socket.onmessage = ({ data }) => hear[JSON.parse(data).type](JSON.parse(data));
  socket.onclose = () => {
    show('disconnected', 'disconnected, trying again');
    setTimeout(() => connect(Math.min(delayMs * 2, 5_000)), delayMs);
  };
}

const hear = {
  state({ size, agents, ...disk }) {
    for (const agent of agents) draw(agent, size);
    drawDisk(disk);
  },
  output: ({ key, text }) => cards.get(key)?.terminal.write(text),
  replay({ key, text }) {
    cards.get(key)?.terminal.reset();
    cards.get(key)?.terminal.write(text);
  },
};

function draw({ key, project, name, state, note, session }, size) {
  const { card } = cards.get(key) ?? addCard(key, project, name, size);
  const put = (selector, text) => {
    card.querySelector(selector).textContent = text;
  };
  put('.state', state);
  card.querySelector('.state').dataset.state = state;
  put('.id', session?.id ?? '–');
  put('.disk-state', session?.state ?? '–');
  put('.size', inBytes(session?.bytes ?? null));
  put('.growth', inGrowth(session?.growth ?? null));
  put('.entries', session?.entries?.toLocaleString('en') ?? '–');
  drawUsers(card.querySelector('.users'), session?.users);
  const pressure = session?.lastPressure;
  put('.pressure', pressure ? `The file system was full at ${inTime(pressure.at)} (${pressure.code}).` : '');
  card.querySelector('.pressure').hidden = !pressure;
  put('.note', note || session?.tmpdir || '');
  const can = { start: ['stopped', 'failed'], stop: ['running'], restart: ['running'] };
  for (const [action, states] of Object.entries(can))
    card.querySelector(`[data-do=${action}]`).disabled = !states.includes(state);
}

function addCard(key, project, name, size) {
  const card = byId('agent').content.cloneNode(true).firstElementChild;
  card.id = key.replace('/', '-');
  card.querySelector('h3').textContent = name;
  sectionOf(project).querySelector('.agents').append(card);
  for (const button of card.querySelectorAll('button'))
    button.onclick = () => post(`/api/agents/${key}/${button.dataset.do}`);
  const theme = { background: '#0b0e11', foreground: '#dbe2e8' };
  const font = { fontSize: 12, fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, monospace' };
  const terminal = new Terminal({ ...size, ...font, theme, scrollback: 1_000 });
  terminal.open(card.querySelector('.screen'));
  terminal.onData((input) => socket.readyState === 1 && socket.send(JSON.stringify({ key, input })));
  cards.set(key, { card, terminal });
  return { card };
}

function sectionOf(project) {
  const known = byId(`project-${project}`);
  if (known) return known;
  const section = byId('project').content.cloneNode(true).firstElementChild;
  section.id = `project-${project}`;
  section.querySelector('h2').textContent = project;
  section.querySelector('.reset').onclick = () => post(`/api/agents/${project}/reset`);
  byId('projects').append(section);
  return section;
}

/** What came of it arrives as a state. */
const post = (path) => fetch(path, { method: 'POST' }).catch(() => {});

function show(state, text) {
  byId('connection').dataset.state = state;
  byId('connection').textContent = text;
  document.body.classList.toggle('is-disconnected', state !== 'connected');
}

byId('full-reset').onclick = () => post('/api/full-reset');
connect();
