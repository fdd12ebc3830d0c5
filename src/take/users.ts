// The second look at processes: does anybody use what was claimed? A bound socket and TMPDIR keep the name
// from before the rename; what is open has the new one.
import { dirname, resolve } from 'node:path';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { isWithin } from '../root/layout.js';
import type { Claim, Reasons, Thing } from './claim.js';

/**
 * Says `in-use` of a claim that somebody uses; of one that `goesWithDir` also while somebody works in its
 * directory. Throws the system's error where it cannot look.
 */
export async function usersOf(
  claims: readonly Claim[],
  goesWithDir: (path: string) => boolean = () => false,
): Promise<Reasons> {
  const placeOf = ({ path }: Thing) => (goesWithDir(path) ? [dirname(path)] : []);
  const dirs = new Set(claims.flatMap(({ thing, at }) => [thing.path, at, ...placeOf(thing)]));
  const table = await takeTable({ roots: [], dirs });
  const [isUsed, isWorkedIn] = [usedPaths(table), workplaces(table)];
  return ({ thing, at }) =>
    isUsed(thing.path) || isUsed(at) || placeOf(thing).some(isWorkedIn) ? 'in-use' : undefined;
}

/** Whether a directory is the working directory of somebody, or the TMPDIR. */
export function workplaces({ processes, isPartial, outside }: ProcessTable): (dir: string) => boolean {
  if (isPartial || outside.length > 0) return () => true;
  const places = [...processes.values()].flatMap(({ holds, variables }) => [
    ...holds.filter(({ what }) => what === 'cwd').map(({ path }) => path),
    ...(variables?.tmpdir === undefined ? [] : [resolve('/', variables.tmpdir)]),
  ]);
  const all = new Set(places);
  return (dir) => all.has(dir);
}

/** Whether somebody has something open at or below a path, or may have, or has its TMPDIR there. */
export function usedPaths(table: ProcessTable): (path: string) => boolean {
  const { processes, strays, isPartial, outside } = table;
  if (isPartial || outside.length > 0) return () => true;
  const all = [...processes.values()];
  const holds = [...strays, ...all.flatMap((facts) => facts.holds)];
  const whole = new Set(holds.filter(({ what }) => what === 'more').map(({ dir }) => dir));
  const used = new Set([
    ...holds.map((hold) => hold.path),
    ...all.flatMap(({ variables }) => variables?.tmpdir ?? []),
  ]);
  return (path) => {
    for (const one of used) if (isWithin(path, one)) return true;
    for (const dir of whole) if (isWithin(dir, path)) return true;
    return false;
  };
}
