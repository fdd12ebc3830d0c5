// Where the contents of a session's TMPDIR can be seen: of an isolated one on a tmpfs only through a process
// inside.
import { coveredDirs } from '../isolate/covered.js';
import type { Lease } from '../lease/lease.js';
import type { Snapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';

/** A path that leads there now; the empty directory below the mount when nobody is inside any more. */
export const contentsOf = (dir: string, lease: Lease, snapshot: Snapshot): string =>
  inMemory(dir, lease, snapshot) ?? tmpDir(dir);

/** The same of what is in memory. */
export function inMemory(dir: string, { isolate }: Lease, { processes }: Snapshot): string | undefined {
  if (isolate?.sizeBytes === undefined) return undefined;
  const isInside = (pid: number) =>
    processes.get(pid)?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir) ?? false;
  const pid = [isolate.holder ?? 0, ...processes.keys()].find(isInside);
  if (pid === undefined) return undefined;
  return `/proc/${processes.get(pid)?.thread ?? pid}/root${isolate.mode === 'tmpfs' ? tmpDir(dir) : coveredDirs()[0]}`;
}
