// Sockets bound to a path in a session: a server listening there is in use though nobody has the file open.
// /proc/net/unix lists them per network namespace, by inode; who has that inode open is the holder (unix(7)).
import { attempt, fs } from '../fs.js';
import { sessionOfPath } from '../root/layout.js';
import type { Hold } from './snapshot.js';

export interface BoundSockets {
  /** The sockets that this process's network namespace lists. */
  seenBy(pid: number): { claim(inode: string): Hold[] };
  /** Those of our own namespace nobody claimed: somebody has them who could not be read. */
  unclaimed(): Hold[];
}

export function boundSockets(roots: readonly string[]): BoundSockets {
  const own = namespaceOf('self');
  const byNamespace = new Map([[own, readTable('self', roots)]]);
  const claimed = new Set<Hold>();
  const tableOf = (pid: number) => {
    const namespace = namespaceOf(pid) ?? own;
    const table = byNamespace.get(namespace) ?? readTable(pid, roots);
    byNamespace.set(namespace, table);
    return table;
  };
  return {
    seenBy(pid) {
      const table = tableOf(pid);
      return {
        claim(inode) {
          const hold = table.get(inode);
          if (hold) claimed.add(hold);
          return hold ? [hold] : [];
        },
      };
    },
    unclaimed: () => [...(byNamespace.get(own)?.values() ?? [])].filter((hold) => !claimed.has(hold)),
  };
}

/** Inode → socket, for the paths that lie in a session. */
function readTable(pid: number | 'self', roots: readonly string[]): Map<string, Hold> {
  const text = attempt(() => fs.readFileSync(`/proc/${pid}/net/unix`, 'utf8')) ?? '';
  const table = new Map<string, Hold>();
  for (const line of text.split('\n')) {
    const slash = line.indexOf(' /');
    if (slash < 0) continue;
    const path = line.slice(slash + 1);
    const dir = roots.map((root) => sessionOfPath(root, path)).find((found) => found !== undefined);
    const inode = line.slice(0, slash).split(/\s+/)[6];
    if (dir !== undefined && inode) table.set(inode, { dir, what: 'socket', path });
  }
  return table;
}

const namespaceOf = (pid: number | 'self'): string | undefined =>
  attempt(() => fs.readlinkSync(`/proc/${pid}/ns/net`));
