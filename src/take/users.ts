// The second look at processes: does anybody use what was claimed? A bound socket and TMPDIR keep the name
// from before the rename; what is open has the new one.
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { isWithin } from '../root/layout.js';
import type { Claim, Thing } from './claim.js';

/** Says `in-use` of a claim that somebody uses. Throws the system's error where it cannot look. */
export async function usersOf(
  claims: readonly Claim<Thing>[],
): Promise<(claim: Claim<Thing>) => string | undefined> {
  const dirs = new Set(claims.flatMap(({ thing, at }) => [thing.path, at]));
  const isUsed = usedPaths(await takeTable({ roots: [], dirs }));
  return ({ thing, at }) => (isUsed(thing.path) || isUsed(at) ? 'in-use' : undefined);
}

/** Whether somebody has something open at or below a path, or may have, or has its TMPDIR there. */
export function usedPaths({ processes, strays, isPartial }: ProcessTable): (path: string) => boolean {
  if (isPartial) return () => true;
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
