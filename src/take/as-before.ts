// Sessions that were moved into the trash, as a look at the processes would have seen them in their places:
// what is open there goes by its new name. So the second look decides by the very rules of the first.
import type { Snapshot } from '../process/snapshot.js';
import type { Hold } from '../process/watch.js';

/** A session that is at `at` now, and was at `dir`. */
export interface Moved {
  at: string;
  dir: string;
}

/** Renames in `snapshot`, which is ours alone, what processes hold in any of `moved`. */
export function asBefore(snapshot: Snapshot, moved: readonly Moved[]): Snapshot {
  if (moved.length === 0) return snapshot;
  const places = new Map(moved.map(({ at, dir }) => [at, dir]));
  const renamed = (hold: Hold): Hold => {
    const dir = places.get(hold.dir);
    return dir === undefined ? hold : { ...hold, dir, path: dir + hold.path.slice(hold.dir.length) };
  };
  for (const facts of snapshot.processes.values()) facts.holds = facts.holds.map(renamed);
  return { ...snapshot, strays: snapshot.strays.map(renamed) };
}
