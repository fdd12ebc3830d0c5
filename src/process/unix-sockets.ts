// Sockets bound to a path in a session: a server listening there is in use though nobody has the file open.
// /proc/net/unix lists them per network namespace, by inode; who has that inode open is the holder (unix(7)).
import { attempt, fs, readProc } from '../fs.js';
import { type Hold, type Watch, watchedDir } from './watch.js';

export interface BoundSockets {
  /** What the socket with this inode, open in process `pid`, is bound to. */
  claim(pid: number, inode: string): Hold[];
  /** Those of our own namespace nobody claimed: somebody has them who could not be read. */
  unclaimed(): Hold[];
}

export function boundSockets(watch: Watch): BoundSockets {
  const own = namespaceOf('self');
  const ownTable = readTable('self', watch);
  const tables = new Map([[own, ownTable]]);
  const claimed = new Set<Hold>();
  let last = { pid: 0, table: ownTable };
  const tableOf = (pid: number) => {
    if (last.pid === pid) return last.table;
    const namespace = namespaceOf(pid) ?? own;
    const table = tables.get(namespace) ?? readTable(pid, watch);
    tables.set(namespace, table);
    last = { pid, table };
    return table;
  };
  return {
    claim(pid, inode) {
      const hold = ownTable.get(inode) ?? tableOf(pid).get(inode);
      if (hold) claimed.add(hold);
      return hold ? [hold] : [];
    },
    unclaimed: () => [...ownTable.values()].filter((hold) => !claimed.has(hold)),
  };
}

/** Inode → socket, for the paths that are watched. */
function readTable(pid: number | 'self', watch: Watch): Map<string, Hold> {
  const text = readProc(`/proc/${pid}/net/unix`) ?? '';
  const table = new Map<string, Hold>();
  for (const line of text.split('\n')) {
    // An abstract name (`@…`) may hold anything, a blank and a slash too: only the seventh blank ends the
    // inode.
    const [, inode, path] = LINE.exec(line) ?? [];
    const dir = path && watchedDir(watch, path);
    if (dir && inode && path) table.set(inode, { dir, what: 'socket', path });
  }
  return table;
}

const LINE = /^\S+: \S+ \S+ \S+ \S+ \S+ +(\d+) (\/.*)$/; // unix_seq_show, net/unix/af_unix.c

const namespaceOf = (pid: number | 'self'): string | undefined =>
  attempt(() => fs.readlinkSync(`/proc/${pid}/ns/net`));
