// Removes units that were found stale, by the one road. Age was the reason, so the second look is at the
// files, too.
import { join } from 'node:path';
import type { Shape } from '../backends/patterns.js';
import type { Failure } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import type { Claim, Thing } from '../take/claim.js';
import { type Road, type Taken, take } from '../take/take.js';
import { usersOf } from '../take/users.js';
import { examine } from './examine.js';
import { findStale, freshAfter, type StaleQuestion, type SweptUnit } from './find-stale.js';
import { hasShape } from './shape.js';

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

export interface SweepOptions extends Omit<StaleQuestion, 'units'> {
  /** The units, each with the shape that makes it one. */
  shapes: ReadonlyMap<string, Shape>;
  /** What the units lie below, and nobody but us can swap. */
  base: string;
  isDryRun: boolean;
}

/** Sweeps `units`, or tells what would go. */
export async function sweepUnits(options: SweepOptions): Promise<SweepResult> {
  const { stale } = await findStale({ ...options, units: [...options.shapes.keys()].sort() });
  const units = stale.map(({ newestAt: _, ...unit }) => unit);
  return options.isDryRun ? { swept: units, failed: [] } : takeUnits(units, options);
}

/** Removes `units`, each if it is still stale and used by nobody. */
export async function takeUnits(
  units: readonly SweptUnit[],
  { base, maxAgeMs, shapes }: Pick<SweepOptions, 'base' | 'maxAgeMs'> & Partial<Pick<SweepOptions, 'shapes'>>,
): Promise<SweepResult> {
  const things = units.map((unit) => ({ kind: 'unit' as const, path: unit.path, base, unit }));
  const lookAgain: Road<(typeof things)[number]>['lookAgain'] = async (claims) => {
    const reasonOf = await staleAgain(claims, maxAgeMs);
    return (claim) => {
      const shape = shapes?.get(claim.thing.path);
      const isOther = shape && !hasShape(join(claim.dir.base, claim.name), shape);
      return isOther ? 'another-shape' : reasonOf(claim);
    };
  };
  const taken = await take(things, { lookAgain });
  return asSwept(taken, ({ thing }) => thing.unit);
}

export const asSwept = <T extends Thing>(
  taken: readonly Taken<T>[],
  unitOf: (one: Taken<T>) => SweptUnit,
): SweepResult => ({
  swept: taken.filter(({ outcome }) => outcome === 'removed').map(unitOf),
  failed: taken.flatMap(({ failed }) => failed),
});

/** Processes first: whoever was gone by then has written what it wrote, and the files tell. */
export async function staleAgain(
  claims: readonly Claim<Thing>[],
  maxAgeMs: number,
): Promise<(claim: Claim<Thing>) => string | undefined> {
  const usedBy = await usersOf(claims);
  const mounts = readMounts();
  const reasons = new Map<Claim<Thing>, string | undefined>();
  for (const claim of claims) {
    const isMoved = claim.inPlace === undefined;
    // Nothing but its open parent holds one in place.
    const path = isMoved ? claim.at : join(claim.dir.base, claim.name);
    const { reason } = await examine(path, { freshAfter: freshAfter(maxAgeMs), isMoved, mounts });
    reasons.set(claim, reason === 'gone' ? undefined : reason);
  }
  return (claim) => usedBy(claim) ?? reasons.get(claim);
}
