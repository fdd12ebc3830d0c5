// The second look at processes: does anybody use what was claimed? Whoever came before the rename knows the
// old name (a bound socket, TMPDIR), what is open goes by the new one.
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { isWithin } from '../root/layout.js';
import type { Claim, Thing } from './claim.js';

/** Tells of each claim `in-use` when somebody uses it. Throws the system's error where it cannot look. */
export async function usersOf(
  claims: readonly Claim<Thing>[],
): Promise<(claim: Claim<Thing>) => string | undefined> {
  const dirs = new Set(claims.flatMap(({ thing, at }) => [thing.path, at]));
  const isUsed = usedPaths(await takeSnapshot({ roots: [], dirs }));
  return ({ thing, at }) => (isUsed(thing.path) || isUsed(at) ? 'in-use' : undefined);
}

/** Somebody has something open at or below a path, or has it for TMPDIR. */
export function usedPaths({ processes, strays }: Snapshot): (path: string) => boolean {
  const all = [...processes.values()];
  const used = new Set([
    ...[...strays, ...all.flatMap(({ holds }) => holds)].map((hold) => hold.path),
    ...all.flatMap(({ tmpdir }) => tmpdir ?? []),
  ]);
  return (path) => {
    for (const one of used) if (isWithin(path, one)) return true;
    return false;
  };
}
