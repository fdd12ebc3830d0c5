// In most sessions is nobody. Of all processes only those that cannot be looked into may count there, and
// they are few: verdicts on thousands of sessions need not go through hundreds of processes each time.
import type { ProcessFacts } from '../process/inspect.js';
import { heldDirs, type Snapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';

/**
 * Tells for a session's directory which part of `snapshot` decides who is in it: all of it where somebody has
 * something open there or has its TMPDIR, else those who cannot be read, with all they descend from. Only for
 * questions that name no agent and no known members: descent from these, and their session ids, are proof
 * elsewhere. `owners` are those of the sessions.
 */
export function bystanders(snapshot: Snapshot, owners: readonly number[]): (dir: string) => Snapshot {
  const { processes } = snapshot;
  const held = heldDirs(snapshot);
  const tmpdirs = new Set(
    [...processes.values()].flatMap(({ tmpdir }) => (tmpdir ? withParents(tmpdir) : [])),
  );
  const few = new Set<number>();
  for (const { pid, readable } of processes.values()) if (!readable) addWithAncestors(pid, processes, few);
  if (few.size > 0) for (const pid of owners) addWithAncestors(pid, processes, few);
  const nobody = {
    ...snapshot,
    processes: new Map([...processes].filter(([pid]) => few.has(pid))),
    strays: [],
  };
  return (dir) => (held.has(dir) || tmpdirs.has(tmpDir(dir)) ? snapshot : nobody);
}

/** Every path that `isWithin` finds this one in. */
const withParents = (path: string): string[] => [
  path,
  ...[...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index)),
];

/** What is there already has its ancestors: a pid reused during the look may close a circle. */
function addWithAncestors(pid: number, from: ReadonlyMap<number, ProcessFacts>, to: Set<number>): void {
  for (let at = from.get(pid); at && !to.has(at.pid); at = from.get(at.ppid)) to.add(at.pid);
}
