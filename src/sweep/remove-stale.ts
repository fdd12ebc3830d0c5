// Removes units that were found stale, in three steps: move aside (the claim); look once more at what was moved, processes first and
// files then, and put back what is in use after all; remove. Parents stay. What cannot be moved for lack of space is removed in place.
import { takeSnapshot } from '../process/snapshot.js';
import { type Failure, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { abandon, condemn } from '../remove/trash.js';
import { isFull } from '../space/probe.js';
import { type ClaimedUnit, type ClaimOptions, claimUnits, unclaimUnit } from './claim-units.js';
import { examineAll } from './examine-all.js';
import { freshAfter, holding, type SweptUnit } from './find-stale.js';
import { removeInPlace } from './remove-in-place.js';

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
  const { claims, stuck } = claim(units, { bases, root }, result.failed);
  if (claims.length + stuck.length === 0) return result;
  // Processes first: whoever was gone by then has written what it wrote, and the files tell.
  const dirs = new Set([
    ...stuck.map(({ unit }) => unit.path),
    ...claims.flatMap(({ unit, trashed }) => [unit.path, trashed]),
  ]);
  const isHeld = holding(await takeSnapshot({ roots: [], dirs }));
  await removeClaimed(await lookAgain(claims, { isHeld, maxAgeMs }), bases, result);
  for (const { unit, error } of stuck) {
    if (isHeld(unit.path)) continue;
    const { isRemoved, failed } = await removeInPlace(unit.path, { bases, maxAgeMs, error });
    if (isRemoved) result.swept.push(unit);
    result.failed.push(...failed);
  }
  return result;
}

interface Claim {
  unit: SweptUnit;
  /** Where it is now. */
  trashed: string;
}

/** Where it was: there was no space to rename it. */
interface Stuck {
  unit: SweptUnit;
  error: unknown;
}

interface Claims {
  claims: Claim[];
  stuck: Stuck[];
}

function claim(units: readonly SweptUnit[], options: ClaimOptions, failed: Failure[]): Claims {
  const claimed = claimUnits(
    units.map(({ path }) => path),
    options,
  );
  const all: Claims = { claims: [], stuck: [] };
  for (const [at, unit] of units.entries()) {
    const { trashed, error } = claimed[at] as ClaimedUnit;
    if (trashed !== undefined) all.claims.push({ unit, trashed });
    else if (isFull(error)) all.stuck.push({ unit, error });
    else if (error !== undefined) failed.push(moveFailure(unit.path, error));
  }
  return all;
}

interface Look {
  isHeld: (path: string) => boolean;
  maxAgeMs: number;
}

/** Each with whether it is in use after all. */
async function lookAgain(
  claims: readonly Claim[],
  { isHeld, maxAgeMs }: Look,
): Promise<(Claim & { isUsed: boolean })[]> {
  const paths = claims.map(({ trashed }) => trashed);
  const findings = await examineAll(paths, { freshAfter: freshAfter(maxAgeMs), isMoved: true });
  return claims.map(({ unit, trashed }, at) => {
    const reason = findings[at]?.reason;
    // A socket says the path it was bound to, so the old place counts too.
    const isUsed = (reason !== undefined && reason !== 'gone') || isHeld(trashed) || isHeld(unit.path);
    return { unit, trashed, isUsed };
  });
}

async function removeClaimed(
  looked: readonly (Claim & { isUsed: boolean })[],
  bases: readonly string[],
  result: SweepResult,
): Promise<void> {
  const goers: Claim[] = [];
  for (const { unit, trashed, isUsed } of looked) {
    if (!isUsed) goers.push({ unit, trashed: condemn(trashed) });
    else if (!unclaimUnit(trashed, unit.path, bases)) abandon(trashed); // it waits in the trash until it is free
  }
  const results = await removeTrees(goers.map(({ trashed }) => trashed));
  result.failed.push(...[...results.values()].flat());
  result.swept.push(...goers.flatMap(({ unit, trashed }) => (results.get(trashed)?.length ? [] : [unit])));
}
