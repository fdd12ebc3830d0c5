// Removes units that were found stale, by the one road. Age was the reason, so the second look is at the
// files, too.
import { dirname, join } from 'node:path';
import { isByCommand, type Shape } from '../backends/patterns.js';
import type { Failure } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import type { Claim, Thing } from '../take/claim.js';
import { type Road, type Taken, take } from '../take/take.js';
import { usersOf } from '../take/users.js';
import { examine } from './examine.js';
import { findStale, freshAfter, type StaleQuestion, type SweptUnit } from './find-stale.js';
import { hasShape } from './shape.js';
import { isWorkingTree } from './working-tree.js';

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

export interface SweepOptions extends Omit<StaleQuestion, 'units' | 'shapes'> {
  /** The units, each with the shape that makes it one. */
  shapes: ReadonlyMap<string, Shape>;
  /** A directory above the units that nobody but us can swap. */
  base: string;
  isDryRun: boolean;
  /** False: nothing more is to be removed. */
  isWanted?: (() => boolean) | undefined;
}

/** Sweeps units, or in a dry run says what would go. */
export async function sweepUnits(options: SweepOptions): Promise<SweepResult> {
  const { stale } = await findStale({ ...options, units: [...options.shapes.keys()].sort() });
  const units = stale.map(({ newestAt: _, ...unit }) => unit);
  return options.isDryRun ? { swept: units, failed: [] } : takeUnits(units, options);
}

/** Removes `units`, each if it is still stale and used by nobody. */
export async function takeUnits(
  units: readonly SweptUnit[],
  {
    base,
    maxAgeMs,
    shapes,
    isWanted,
  }: Pick<SweepOptions, 'base' | 'maxAgeMs' | 'isWanted'> & Partial<Pick<SweepOptions, 'shapes'>>,
): Promise<SweepResult> {
  const things = units.map((unit) => ({ kind: 'unit' as const, path: unit.path, base, unit }));
  const lookAgain: Road<(typeof things)[number]>['lookAgain'] = async (claims) => {
    const isOfCommand = (path: string) => isByCommand(shapes?.get(path));
    const reasonOf = await staleAgain(claims, {
      maxAgeMs,
      mayBePart: (path) => !shapes || isOfCommand(path),
      goesWithDir: isOfCommand,
    });
    return (claim) => {
      const shape = shapes?.get(claim.thing.path);
      const isOther = shape && !hasShape(join(claim.dir.base, claim.name), shape);
      return isOther ? 'another-shape' : reasonOf(claim);
    };
  };
  const taken = await take(things, { lookAgain, isWanted });
  return asSwept(taken, ({ thing }) => thing.unit);
}

export const asSwept = <T extends Thing>(
  taken: readonly Taken<T>[],
  unitOf: (one: Taken<T>) => SweptUnit,
): SweepResult => ({
  swept: taken.filter(({ outcome }) => outcome === 'removed').map(unitOf),
  failed: taken.flatMap(({ failed }) => failed),
});

export interface SecondLook {
  maxAgeMs: number;
  /** It stays where its directory is a repository by now. */
  mayBePart(path: string): boolean;
  /** It is in use while somebody works in its directory. */
  goesWithDir(path: string): boolean;
}

/** Looks at processes first: what one wrote that is gone by then shows in the files. */
export async function staleAgain(
  claims: readonly Claim<Thing>[],
  { maxAgeMs, mayBePart, goesWithDir }: SecondLook,
): Promise<(claim: Claim<Thing>) => string | undefined> {
  const usedBy = await usersOf(claims, goesWithDir);
  const mounts = readMounts();
  const places = new Set(claims.filter(({ thing }) => mayBePart(thing.path)).map(placeOf));
  const trees = new Set([...places].filter((dir) => isWorkingTree(dir)));
  const reasons = new Map<Claim<Thing>, string | undefined>();
  for (const claim of claims) {
    const isMoved = claim.inPlace === undefined;
    // A unit in place is safe only through its open parent.
    const path = isMoved ? claim.at : join(claim.dir.base, claim.name);
    const { reason } = await examine(path, { freshAfter: freshAfter(maxAgeMs), isMoved, mounts });
    reasons.set(claim, reason === 'gone' ? undefined : reason);
  }
  const isPart = (claim: Claim<Thing>) => mayBePart(claim.thing.path) && trees.has(placeOf(claim));
  return (claim) => usedBy(claim) ?? (isPart(claim) ? 'repository' : reasons.get(claim));
}

const placeOf = ({ thing }: Claim<Thing>): string => dirname(thing.path);
