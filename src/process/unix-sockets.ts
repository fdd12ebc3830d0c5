// Sockets bound to a path: who listens in a session uses it, though nobody has the file open, and what a
// process listens on says who can reach it. /proc/net/unix lists them per network namespace, by inode.

import { type Meter, newMeter, within } from './meter.js';
import { eachPiece, namespaceOf } from './procfs.js';
import { socketPlaces } from './socket-place.js';
import { type Hold, type Watch, watchedDir } from './watch.js';

export interface BoundSockets {
  /** What the socket with this inode is bound to, which `pid` has open; `/proc/<thread>` shows it. */
  claim(by: { pid: number; thread: number }, inode: string): Generator<undefined, Claimed>;
  /** Those of our own namespace nobody claimed, at the end of the look: who has them cannot be read. */
  unclaimed(): Generator<undefined, Hold[]>;
  /** Those claimed so far that were bound by a relative name in an unknown directory. */
  homeless: readonly Homeless[];
}

export interface Homeless {
  pid: number;
  text: string;
}

interface Claimed {
  hold?: Hold | undefined;
  door?: Door;
}

/** A socket by which others reach its process: it listens, or takes datagrams. */
export interface Door {
  /** Without links, as far as that is known; relative where it is unknown where it lies. */
  path: string;
  /**
   * Connections to this name, also those not accepted yet; Infinity after a partial look. Who sends datagrams
   * is not counted: the kernel does not show that.
   */
  peers: number;
}

export function* boundSockets(watch: Watch, meter = newMeter()): Generator<undefined, BoundSockets> {
  const own = namespaceOf('self', 'net');
  const ownTable = yield* readTable('self', watch, meter);
  const tables = new Map([[own, ownTable]]);
  const claimed = new Set<Hold>();
  let last = { pid: 0, table: ownTable };
  function* tableOf(pid: number): Generator<undefined, Table> {
    if (last.pid === pid) return last.table;
    const namespace = namespaceOf(pid, 'net') ?? own;
    const table = tables.get(namespace) ?? (yield* readTable(pid, watch, meter));
    tables.set(namespace, table);
    last = { pid, table };
    return table;
  }
  const place = socketPlaces();
  const homeless: Homeless[] = [];
  const doorAt = (path: string, text: string): Door => ({
    path,
    // In all tables that the look has come by: an accepted socket is listed where its client is.
    get peers() {
      if (meter.isSpent()) return Infinity;
      return [...tables.values()].reduce((sum, { peers }) => sum + (peers.get(text) ?? 0), 0);
    },
  });
  return {
    *claim(by, inode) {
      // Inodes are unique: one of our own table is in no other.
      const table = ownTable.sockets.has(inode) ? ownTable : yield* tableOf(by.thread);
      const { text = '', hold, isDoor = false } = table.sockets.get(inode) ?? {};
      if (hold) claimed.add(hold);
      if (!isDoor) return { hold };
      const path = place(by.thread, text);
      if (path === undefined) homeless.push({ pid: by.pid, text });
      return { hold: hold ?? holdAt(watch, path ?? ''), door: doorAt(path ?? text, text) };
    },
    *unclaimed() {
      const left = [...ownTable.sockets].filter(([, { hold }]) => hold && !claimed.has(hold));
      if (left.length === 0) return [];
      // Whose owner died while we looked is gone by now.
      const { sockets } = yield* readTable('self', watch, meter);
      const isThere = (inode: string) => sockets.has(inode) || meter.isSpent();
      return left.flatMap(([inode, { hold }]) => (hold && isThere(inode) ? [hold] : []));
    },
    homeless,
  };
}

interface Table {
  /** By inode: doors, and all that are bound in a watched directory. */
  sockets: Map<string, Socket>;
  /** By name. There may be 50,000 connections: they are counted, not kept. */
  peers: Map<string, number>;
}

interface Socket {
  /** The name given to bind(2). */
  text: string;
  hold: Hold | undefined;
  isDoor: boolean;
}

/** As much of it as there is room for, and time. */
function* readTable(pid: number | 'self', watch: Watch, meter: Meter): Generator<undefined, Table> {
  const table: Table = { sockets: new Map(), peers: new Map() };
  const steps = eachPiece(`/proc/${pid}/net/unix`, (lines) => {
    for (const [, flags, type, state = '', inode = '', text = ''] of lines.matchAll(LINE)) {
      const isDoor = flags === LISTENS || type === DATAGRAM;
      const hold = holdAt(watch, text);
      if ((isDoor || hold) && inode !== WAITING && meter.addSocket())
        table.sockets.set(inode, { text, hold, isDoor });
      // An accepted socket bears the name of the one that listens.
      if (isDoor || !CONNECTED.has(state)) continue;
      const count = table.peers.get(text) ?? 0;
      if (count > 0 || meter.addSocket()) table.peers.set(text, count + 1);
    }
  });
  yield* within(meter, steps);
  return table;
}

function holdAt(watch: Watch, path: string): Hold | undefined {
  const dir = path.startsWith('/') ? watchedDir(watch, path) : undefined;
  return dir === undefined ? undefined : { dir, what: 'socket', path };
}

/**
 * Those with a name (unix_seq_show, net/unix/af_unix.c); not abstract ones (`@…`), nor relative ones that
 * look alike. A name may hold anything: only the seventh blank ends the inode.
 */
const LINE = /^\S+: \S+ \S+ (\S+) (\S+) (\S+) +(\d+) ([^@\n].*)$/gm;
const WAITING = '0'; // not accepted yet: it is part of the one that listens
const LISTENS = '00010000'; // __SO_ACCEPTCON
const DATAGRAM = '0002';
const CONNECTED = new Set(['02', '03']); // SS_CONNECTING: not accepted yet
