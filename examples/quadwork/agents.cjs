// The agents: each in a pseudo-terminal and in a session of its own. A stop is over when the agent, all it started and its
// TMPDIR are gone, so a restart never meets what was there before. After `kill -9` of the server the watchdog does it, also
// for agents whose terminals node-pty left open in later ones.
const { resolve } = require('node:path');
const { cleanupErrors, inWords } = require('./cleanup-errors.cjs');

const SCROLLBACK = 64 * 1024; // characters that a page sees when it connects
const CLEAR = '\u001bc';

/** The agents of a configuration; their working directories are relative to `dir`. */
function definitionsIn({ projects, butler }, dir) {
  const define = (project, name, { args = [], cwd = '.', ...rest }) => {
    const key = project ? `${project}/${name}` : name;
    return { ...rest, key, project, name, args, cwd: resolve(dir, cwd) };
  };
  const all = projects.flatMap(({ id, agents }) =>
    Object.entries(agents).map(([name, agent]) => define(id, name, agent)),
  );
  return butler ? [...all, define('', 'butler', butler)] : all;
}

/**
 * `launch(agent)` gives a session and a terminal. `onChange()` and `onOutput(agent, text)` hear of everything; aborting `hurry`
 * ends all grace periods.
 */
function createAgents(definitions, { launch, hurry, onChange, onOutput }) {
  const agents = definitions.map((it) => ({
    ...it,
    state: 'stopped',
    note: '',
    cleanup_errors: [],
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
    set(agent, { state: 'starting', note: '', cleanup_errors: [], output: '' });
    onOutput(agent, CLEAR);
    const { session, term } = await launch(agent);
    set(agent, { session, term, state: 'running', note: session.warnings.join('; ') });
    // Commands may fail without a word from now on, so it is said while the agent runs.
    session.onPressure?.(({ code }) => set(agent, { note: `the file system is full (${code})` }));
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
    set(agent, { term: undefined, state: 'stopping' }); // nobody types into it any more
    const report = await agent.session.end({ hurry }); // SIGTERM, grace period, SIGKILL, for the whole family
    const note = `${why}; ${inWords(report)}`;
    set(agent, { session: undefined, state: 'stopped', note, cleanup_errors: cleanupErrors(report) });
  }

  const restart = async (agent) => {
    await stop(agent);
    await start(agent);
  };
  /** For callers that cannot wait: they hear of the state as it is, and of the rest as the page does. */
  const soon = (action) => (agent) => {
    inTurn(agent, action); // it never rejects
    return { key: agent.key, state: agent.state };
  };
  const each = (list, action) => Promise.all(list.map((agent) => inTurn(agent, action)));
  return {
    list: agents,
    find: (key) => agents.find((agent) => agent.key === key),
    of: (project) => agents.filter((agent) => agent.project === project),
    start: (...list) => each(list, start),
    stop: (...list) => each(list, (agent) => stop(agent)),
    restart: (...list) => each(list, restart),
    startSoon: soon(start),
    stopSoon: soon((agent) => stop(agent)),
    /** Ends all and starts none again. */
    close: () => {
      isClosed = true;
      return each(agents, (agent) => stop(agent));
    },
  };
}

module.exports = { createAgents, definitionsIn };
