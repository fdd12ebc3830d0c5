// Sockets bound to a path in a session: a server listening there is in use though nobody has the file open.
// /proc/net/unix lists them per network namespace, by inode; who has that inode open is the holder (unix(7)).
import { attempt, fs } from '../fs.js';
import { eachPiece } from './by-pieces.js';
import { type Hold, prefixes, type Watch, watchedDir } from './watch.js';

export interface BoundSockets {
  /** What the socket with this inode, open in process `pid`, is bound to. */
  claim(pid: number, inode: string): Generator<undefined, Hold[]>;
  /** Those of our own namespace nobody claimed: somebody has them who could not be read. */
  unclaimed(): Hold[];
}

export function* boundSockets(watch: Watch): Generator<undefined, BoundSockets> {
  const own = namespaceOf('self');
  const ownTable = yield* readTable('self', watch);
  const tables = new Map([[own, ownTable]]);
  const claimed = new Set<Hold>();
  let last = { pid: 0, table: ownTable };
  function* tableOf(pid: number): Generator<undefined, Table> {
    if (last.pid === pid) return last.table;
    const namespace = namespaceOf(pid) ?? own;
    const table = tables.get(namespace) ?? (yield* readTable(pid, watch));
    tables.set(namespace, table);
    last = { pid, table };
    return table;
  }
  return {
    *claim(pid, inode) {
      const hold = ownTable.get(inode) ?? (yield* tableOf(pid)).get(inode);
      if (hold) claimed.add(hold);
      return hold ? [hold] : [];
    },
    unclaimed: () => [...ownTable.values()].filter((hold) => !claimed.has(hold)),
  };
}

/** Inode → socket, for the paths that are watched. */
type Table = Map<string, Hold>;

function* readTable(pid: number | 'self', watch: Watch): Generator<undefined, Table> {
  const table: Table = new Map();
  const places = prefixes(watch);
  yield* eachPiece(`/proc/${pid}/net/unix`, (lines) => {
    if (!places.some((place) => lines.includes(place))) return;
    for (const line of lines.split('\n')) {
      // An abstract name (`@…`) may hold anything, a blank and a slash too: only the seventh blank ends the
      // inode.
      const [, inode, path] = LINE.exec(line) ?? [];
      const dir = path && watchedDir(watch, path);
      if (dir && inode && path) table.set(inode, { dir, what: 'socket', path });
    }
  });
  return table;
}

const LINE = /^\S+: \S+ \S+ \S+ \S+ \S+ +(\d+) (\/.*)$/; // unix_seq_show, net/unix/af_unix.c

const namespaceOf = (pid: number | 'self'): string | undefined =>
  attempt(() => fs.readlinkSync(`/proc/${pid}/ns/net`));
