// Removes units that were found stale, by the one road. Age was the reason, so the second look is at the
// files, too.
import { dirname } from 'node:path';
import { isByCommand, type Shape } from '../backends/patterns.js';
import type { Failure } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { type Claim, heldPath, type Reasons, type Thing } from '../take/claim.js';
import { type Taken, take } from '../take/take.js';
import { usersOf } from '../take/users.js';
import { examine } from './examine.js';
import type { SweptUnit } from './find-stale.js';
import { isWorkingTree } from './repositories.js';
import { hasShape } from './shape.js';

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

export interface TakeOptions {
  /** A directory above the units that nobody but us can swap. */
  base: string;
  maxAgeMs: number;
  /** What makes each a unit; without it they are entries of any kind. */
  shapes?: ReadonlyMap<string, Shape>;
  /** False: nothing more is to be removed. */
  isWanted?: (() => boolean) | undefined;
}

/** Removes `units`, each if it is still stale and used by nobody. */
export async function takeUnits(
  units: readonly SweptUnit[],
  { base, maxAgeMs, shapes, isWanted }: TakeOptions,
): Promise<SweepResult> {
  const things = new Map<Thing, SweptUnit>(
    units.map((unit) => [{ kind: 'unit', path: unit.path, base }, unit]),
  );
  const isOfCommand = (path: string) => isByCommand(shapes?.get(path));
  const lookAgain = async (claims: readonly Claim[]) => {
    const reasonOf = await staleAgain(claims, {
      maxAgeMs,
      mayBePart: (path) => !shapes || isOfCommand(path),
      goesWithDir: isOfCommand,
    });
    return (claim: Claim) => {
      const shape = shapes?.get(claim.thing.path);
      const isOther = shape && !hasShape(heldPath(claim), shape);
      return isOther ? 'another-shape' : reasonOf(claim);
    };
  };
  const taken = await take([...things.keys()], { lookAgain, isWanted });
  return asSwept(taken, ({ thing }) => things.get(thing) as SweptUnit);
}

export const asSwept = (taken: readonly Taken[], unitOf: (taken: Taken) => SweptUnit): SweepResult => ({
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
  claims: readonly Claim[],
  { maxAgeMs, mayBePart, goesWithDir }: SecondLook,
): Promise<Reasons> {
  const usedBy = await usersOf(claims, goesWithDir);
  const mounts = readMounts();
  const places = new Set(claims.filter(({ thing }) => mayBePart(thing.path)).map(placeOf));
  const trees = new Set([...places].filter((dir) => isWorkingTree(dir)));
  const reasons = new Map<Claim, string | undefined>();
  for (const claim of claims) {
    const options = { maxAgeMs, isMoved: claim.inPlace === undefined, mounts };
    const { reason } = await examine(heldPath(claim), options);
    reasons.set(claim, reason === 'gone' ? undefined : reason);
  }
  const isPart = (claim: Claim) => mayBePart(claim.thing.path) && trees.has(placeOf(claim));
  return (claim) => usedBy(claim) ?? (isPart(claim) ? 'repository' : reasons.get(claim));
}

const placeOf = ({ thing }: Claim): string => dirname(thing.path);
