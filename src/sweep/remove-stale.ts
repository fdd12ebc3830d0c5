// Removes units that were found stale, in three steps: move aside (the claim); look once more at what was moved, processes first and
// files then, and put back what is in use after all; remove. Parents stay.
import { takeSnapshot } from '../process/snapshot.js';
import { type Failure, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { abandon, condemn } from '../remove/trash.js';
import { isFull } from '../space/probe.js';
import { type ClaimedUnit, type ClaimOptions, claimUnits, unclaimUnit } from './claim-units.js';
import { examineAll } from './examine-all.js';
import { freshAfter, holding, type SweptUnit } from './find-stale.js';

export interface RemoveOptions {
  /** Directories the units lie below that nobody but us can swap. One that lies below none of them is refused. */
  bases: readonly string[];
  /** The root whose trash may be used, when it is on the same file system. */
  root?: string | undefined;
  maxAgeMs: number;
}

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

/** Removes `units`, each if it is still stale and held by nobody. */
export async function removeStale(
  units: readonly SweptUnit[],
  { root, bases, maxAgeMs }: RemoveOptions,
): Promise<SweepResult> {
  const result: SweepResult = { swept: [], failed: [] };
  const claims = claim(units, { bases, root }, result.failed);
  if (claims.length === 0) return result;
  const isUsed = await lookAgain(claims, maxAgeMs);
  const goers: Claim[] = [];
  for (const claimed of claims) {
    const { unit, trashed } = claimed;
    if (!isUsed(claimed)) goers.push({ unit, trashed: condemn(trashed) });
    else if (isMoved(claimed) && !unclaimUnit(trashed, unit.path, bases)) abandon(trashed); // it waits in the trash until it is free
  }
  const results = await removeTrees(goers.map(({ trashed }) => trashed));
  result.failed.push(...[...results.values()].flat());
  result.swept.push(...goers.flatMap(({ unit, trashed }) => (results.get(trashed)?.length ? [] : [unit])));
  return result;
}

interface Claim {
  unit: SweptUnit;
  /** Where it is now; its own path when it could not be renamed for lack of space. */
  trashed: string;
}

const isMoved = ({ unit, trashed }: Claim): boolean => trashed !== unit.path;

function claim(units: readonly SweptUnit[], options: ClaimOptions, failed: Failure[]): Claim[] {
  const claimed = claimUnits(
    units.map(({ path }) => path),
    options,
  );
  return units.flatMap((unit, at) => {
    const { trashed, error } = claimed[at] as ClaimedUnit;
    if (trashed !== undefined) return [{ unit, trashed }];
    // A quota of btrfs refuses even a rename: removing in place is what makes room.
    if (isFull(error)) return [{ unit, trashed: unit.path }];
    if (error !== undefined) failed.push(moveFailure(unit.path, error));
    return [];
  });
}

/** Processes first: whoever was gone by then has written what it wrote, and the files tell. */
async function lookAgain(claims: readonly Claim[], maxAgeMs: number): Promise<(claim: Claim) => boolean> {
  const dirs = new Set(claims.flatMap(({ unit, trashed }) => [unit.path, trashed]));
  const isHeld = holding(await takeSnapshot({ roots: [], dirs }));
  const inUse = new Set<Claim>();
  for (const moved of [true, false]) {
    const some = claims.filter((claimed) => isMoved(claimed) === moved);
    const paths = some.map(({ trashed }) => trashed);
    const findings = await examineAll(paths, { freshAfter: freshAfter(maxAgeMs), isMoved: moved });
    for (const [at, claimed] of some.entries()) {
      const reason = findings[at]?.reason;
      if (reason !== undefined && reason !== 'gone') inUse.add(claimed);
    }
  }
  // A socket says the path it was bound to, so the old place counts too.
  return (claimed) => inUse.has(claimed) || isHeld(claimed.trashed) || isHeld(claimed.unit.path);
}
