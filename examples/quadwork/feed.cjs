// What the page sees: the agents, and what is really on the disk, looked at every second while somebody watches.
const { listSessions } = require('qw-run');

const EVERY_MS = 1_000;

function createFeed({ size, agents }) {
  const sockets = new Set();
  let sessions = [];
  let reaper = null;
  let isLooking = false;

  const state = () => {
    const own = agents().map(({ key, project, name, state, note, session }) => ({
      ...{ key, project, name, state, note },
      session: session ? { ...known(session), ...usage(session.id) } : null,
    }));
    const ids = own.map(({ session }) => session?.id);
    const others = sessions
      .filter(({ id }) => !ids.includes(id))
      .map(({ id, label, ...it }) => ({ id, label, ...shown(it) }));
    return { type: 'state', size, agents: own, others, reaper };
  };
  const known = ({ id, tmpdir, warnings }) => ({ id, tmpdir, warnings });
  const usage = (id) => {
    const found = sessions.find((it) => it.id === id);
    return found ? shown(found) : { state: 'opening', bytes: 0, entries: 0 };
  };
  const send = (socket, message) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(message));
  const tell = (message) => {
    for (const socket of sockets) send(socket, message);
  };
  const publish = () => tell(state());

  async function look() {
    sessions = (await listSessions()).sessions;
    return state();
  }
  /** One look at a time, the next one a second after it: a large tree slows the numbers down, not the server. */
  async function keepLooking() {
    if (isLooking) return;
    isLooking = true;
    while (sockets.size > 0) {
      await look().then(publish, (error) => console.warn(`cannot list sessions: ${error.message}`));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    isLooking = false;
  }

  return {
    look,
    publish,
    output: ({ key }, text) => tell({ type: 'output', key, text }),
    reaped: ({ removed, swept, legacy, kept, failed, bytes, ms }) => {
      const counts = { removed: removed.length, swept: swept.length, kept: kept.length, failed };
      reaper = { at: new Date().toISOString(), ...counts, legacy: legacy.length, bytes, ms };
      publish();
    },
    /** A page connects, for the first time or again: what it missed, then everything new. */
    add: (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.terminate()); // it broke the protocol; without a listener we would go down
      send(socket, state());
      for (const { key, output } of agents()) send(socket, { type: 'replay', key, text: output });
      keepLooking();
    },
  };
}

const shown = ({ state, reason, bytes, entries, holders }) => ({
  ...{ state, reason, bytes, entries },
  holders: holders.map(({ pid, name, why }) => `${name} (${pid}, ${why})`),
});

module.exports = { createFeed };
