// The agents: each in a pseudo-terminal and in a session of its own. A stop is over when the agent, all it started and its
// TMPDIR are gone, so a restart never meets what was there before.
const pty = require('@lydell/node-pty'); // `node-pty` works the same
const { openSession } = require('qw-run');

const SIZE = { cols: 80, rows: 18 };
const SCROLLBACK = 64 * 1024; // characters that a page sees when it connects
const CLEAR = '\u001bc';

/** `onChange()` and `onOutput(agent, text)` hear of everything; aborting `hurry` ends all grace periods. */
function createAgents(definitions, { hurry, onChange, onOutput }) {
  const agents = definitions.map((it) => ({
    ...it,
    state: 'stopped',
    note: '',
    output: '',
    turn: Promise.resolve(),
  }));
  let isClosed = false;

  const set = (agent, changes) => {
    Object.assign(agent, changes);
    if (changes.note) console.log(`${agent.key}: ${changes.note}`);
    onChange();
  };
  /** Start and stop of one agent never overlap, however often somebody clicks. */
  const inTurn = (agent, action) => {
    agent.turn = agent.turn
      .then(() => action(agent))
      .catch((error) => set(agent, { state: 'failed', note: error.message }));
    return agent.turn;
  };

  async function start(agent) {
    if (agent.session || isClosed) return;
    set(agent, { state: 'starting', note: '', output: '' });
    onOutput(agent, CLEAR);
    const { session, term } = await spawnAgent(agent);
    set(agent, { session, term, state: 'running' });
    term.onData((text) => {
      agent.output = (agent.output + text).slice(-SCROLLBACK);
      onOutput(agent, text);
    });
    // It left by itself: what it left behind goes too.
    term.onExit(({ exitCode, signal }) => {
      const why = signal ? `killed by signal ${signal}` : `exit ${exitCode}`;
      inTurn(agent, () => agent.session === session && stop(agent, why));
    });
  }

  async function stop(agent, why = 'stopped') {
    if (!agent.session) return;
    set(agent, { state: 'stopping' });
    const report = await agent.session.end({ hurry }); // SIGTERM, grace period, SIGKILL, for the whole family
    set(agent, { session: undefined, term: undefined, state: 'stopped', note: `${why}; ${inWords(report)}` });
  }

  const restart = async (agent) => {
    await stop(agent);
    await start(agent);
  };
  const each = (list, action) => Promise.all(list.map((agent) => inTurn(agent, action)));
  return {
    list: agents,
    find: (key) => agents.find((agent) => agent.key === key),
    of: (project) => agents.filter((agent) => agent.project === project),
    start: (...list) => each(list, start),
    stop: (...list) => each(list, (agent) => stop(agent)),
    restart: (...list) => each(list, restart),
    /** Ends all and starts none again. */
    close: () => {
      isClosed = true;
      return each(agents, (agent) => stop(agent));
    },
  };
}

/** Where a server calls `pty.spawn`: a session first, what it says to spawn and its environment, the pid named to it. */
async function spawnAgent(agent) {
  const { key, command, args, cwd } = agent;
  const env = { ...process.env, ...agent.env };
  const session = await openSession({ label: key, command: [command, ...args], cwd, env });
  try {
    const { file, args: all } = session.command(command, args);
    const term = pty.spawn(file, all, { name: 'xterm-256color', ...SIZE, cwd, env: session.env(env) });
    session.adopt(term.pid);
    return { session, term };
  } catch (error) {
    await session.end(); // what cannot be started leaves nothing
    throw error;
  }
}

/** How a session ended, for the page and the log. */
function inWords({ ended, left, state, failed, lastPressure }) {
  return [
    ended.length > 0 ? `ended ${names(ended)}` : 'nothing was left running',
    `TMPDIR ${state}`,
    ...(left.length > 0 ? [`still used by ${names(left)}`] : []),
    ...failed.map(({ path, reason, hint }) => `could not remove ${path}: ${reason}; try: ${hint}`),
    ...(lastPressure ? [`the file system was full (${lastPressure.code}, ${lastPressure.at})`] : []),
  ].join('; ');
}

/** `sh ×9, sleep ×9` */
function names(processes) {
  const counts = new Map();
  for (const { name } of processes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name)).join(', ');
}

module.exports = { createAgents, SIZE };
