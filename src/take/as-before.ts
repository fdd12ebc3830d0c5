// A look at the processes sees what is open in a moved session by its new name. Here it gets its old name
// back, so that the second look decides by the rules of the first.
import { type ProcessTable, processTable } from '../process/table.js';
import type { Hold } from '../process/watch.js';

/** A session that is at `at` now, and was at `dir`. */
export interface Moved {
  at: string;
  dir: string;
}

/** Renames in `table`, in place, what processes hold in any of `moved`. */
export function asBefore(table: ProcessTable, moved: readonly Moved[]): ProcessTable {
  if (moved.length === 0) return table;
  const places = new Map(moved.map(({ at, dir }) => [at, dir]));
  const renamed = (hold: Hold): Hold => {
    const dir = places.get(hold.dir);
    return dir === undefined ? hold : { ...hold, dir, path: dir + hold.path.slice(hold.dir.length) };
  };
  for (const facts of table.processes.values()) facts.holds = facts.holds.map(renamed);
  return processTable({ ...table, strays: table.strays.map(renamed) });
}
