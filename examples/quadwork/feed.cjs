// What the page sees: the agents, and what is really on the disk, looked at every second while somebody watches.
const { listSessions, readReceipts } = require('qw-run');
const { inWords, names } = require('./cleanup-errors.cjs');

const EVERY_MS = 1_000;
const RECEIPTS_EVERY = 5; // looks: the log may be long, and somebody who reads can wait

function createFeed({ size, agents }) {
  const sockets = new Set();
  let [sessions, headroom, receipts] = [[], [], []];
  let looks = 0;
  let reaper = null;
  let isLooking = false;

  const state = () => {
    const own = agents().map(({ key, project, name, state, note, session }) => ({
      ...{ key, project, name, state, note },
      session: session ? { ...known(session), ...usage(session) } : null,
    }));
    const ids = own.map(({ session }) => session?.id);
    const others = sessions
      .filter(({ id }) => !ids.includes(id))
      .map(({ id, label, ...it }) => ({ id, label, ...shown(it) }));
    return { type: 'state', size, agents: own, others, headroom, receipts, reaper };
  };
  const known = ({ id, tmpdir, warnings, lastPressure }) => ({ id, tmpdir, warnings, lastPressure });
  const usage = ({ id, isListed = true }) => {
    const found = sessions.find((it) => it.id === id);
    const unseen = { bytes: null, entries: null, growth: null, users: null, work: [] };
    return found ? shown(found) : { state: isListed ? 'opening' : 'not listed', ...unseen };
  };
  const send = (socket, message) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(message));
  const tell = (message) => {
    for (const socket of sockets) send(socket, message);
  };
  const publish = () => tell(state());

  async function look() {
    ({ sessions, headroom } = await listSessions());
    if (looks++ % RECEIPTS_EVERY === 0) receipts = await lookAtReceipts();
    return state();
  }
  const lookAtReceipts = () =>
    readReceipts({ limit: 20 }).then(
      (all) => all.map(told).reverse(),
      (error) => {
        console.warn(`cannot read receipts: ${error.message}`);
        return receipts;
      },
    );
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
    reaped: ({ removed, swept, legacy, kept, failed, pressure, bytes, ms }) => {
      const counts = { removed: removed.length, swept: swept.length, kept: kept.length, failed, pressure };
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

const shown = ({ state, reason, bytes, entries, growthPerMinute, holders, work }) => ({
  ...{ state, reason, bytes, entries, growth: growthPerMinute, users: usersOf(holders), work },
});

/** In a line, and each with what it is to the session and what it has there: the first of many. */
const usersOf = (holders) => ({
  line: names(holders),
  each: holders
    .slice(0, 50)
    .map(({ pid, name, why, holds: [first] }) => `${name} (${pid}, ${first ? `${why}: ${first}` : why})`),
});

/** A receipt is what `end()` reported, or what a pass of the reaper did. */
const told = ({ kind, at, by, id = '', label = '', reason, ...receipt }) => {
  const { removed, swept, failed } = receipt;
  const text = (did) => ({ at, by, id, label, text: did });
  if (by === 'launcher') return text(`no session: ${failed[0]?.reason}; the command ran without one`);
  if (kind === 'pass') return text(`a pass: sessions ${removed}, stale entries ${swept.length}`);
  return text(reason ? `${inWords(receipt)} (${reason})` : inWords(receipt));
};

module.exports = { createFeed };
