// Removes units that are stale throughout and that nobody holds. In four steps: examine; move aside (the claim); look once
// more at what was moved, files and processes, and put back what is in use after all; remove. Parents stay.

import { codeOf } from '../fs.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Snapshot } from '../process/snapshot.js';
import { takeSnapshot } from '../process/snapshot.js';
import { type Failure, mountFailures, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { condemn, moveAside, moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin } from '../root/layout.js';
import { isFull } from '../space/probe.js';
import { examine } from './examine.js';

export interface SweepOptions {
  units: readonly string[];
  /** The root whose trash may be used, when it is on the same file system. */
  root?: string | undefined;
  /** A look at the processes, `units` among the watched directories. */
  snapshot: Snapshot;
  maxAgeMs: number;
  isDryRun: boolean;
}

export interface SweptUnit {
  path: string;
  reason: string;
  bytes: number;
  entries: number;
}

/** A unit that nobody holds and that is stale throughout. */
export interface StaleUnit extends SweptUnit {
  /** When something in it was used last, ms since 1970. */
  newestAt: number;
}

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

/** Sweeps `units`. A unit inside another one that goes is not looked at again. */
export async function sweepUnits({
  units,
  root,
  snapshot,
  maxAgeMs,
  isDryRun,
}: SweepOptions): Promise<SweepResult> {
  const { stale } = await findStale({ units, snapshot, maxAgeMs });
  const swept = stale.map(({ newestAt: _internal, ...unit }) => unit);
  return isDryRun ? { swept, failed: [] } : removeStale(swept, { root, maxAgeMs });
}

/** Those that would go now. It stops at `until` (performance.now()): what was not seen to its end is not among them. */
export async function findStale({
  units,
  snapshot,
  maxAgeMs,
  until = Infinity,
}: Pick<SweepOptions, 'units' | 'snapshot' | 'maxAgeMs'> & { until?: number }): Promise<{
  stale: StaleUnit[];
  isPartial: boolean;
}> {
  const stale: StaleUnit[] = [];
  let isPartial = false;
  for (const path of units) {
    if (performance.now() > until) return { stale, isPartial: true };
    if (stale.some((unit) => isWithin(unit.path, path)) || isHeld(snapshot, path)) continue;
    const { reason, ...found } = await examine(path, { freshAfter: freshAfter(maxAgeMs), until });
    isPartial ||= reason === 'no-time';
    if (!reason && mountFailures(path).length === 0) stale.push({ path, reason: 'stale', ...found });
  }
  return { stale, isPartial };
}

/** Removes units that were found stale, each if it still is. */
export async function removeStale(
  units: readonly SweptUnit[],
  { root, maxAgeMs }: Pick<SweepOptions, 'root' | 'maxAgeMs'>,
): Promise<SweepResult> {
  const result: SweepResult = { swept: [], failed: [] };
  const claims = units.flatMap((unit) => claim(unit, root, result.failed));
  if (claims.length === 0) return result;
  const again = await takeSnapshot({ roots: [], dirs: claims.map(({ trashed }) => trashed) });
  const goers: typeof claims = [];
  for (const { unit, trashed } of claims) {
    const isMoved = trashed !== unit.path;
    const { reason } = await examine(trashed, { freshAfter: freshAfter(maxAgeMs), isMoved });
    const isUsed = isHeld(again, trashed) || (reason !== undefined && reason !== 'gone');
    if (!isUsed) goers.push({ unit, trashed: condemn(trashed) });
    else if (isMoved) restoreFromTrash(trashed, unit.path); // is its place taken, it waits in the trash until it is free
  }
  const results = await removeTrees(goers.map(({ trashed }) => trashed));
  result.failed.push(...[...results.values()].flat());
  result.swept.push(...goers.flatMap(({ unit, trashed }) => (results.get(trashed)?.length ? [] : [unit])));
  return result;
}

function claim(
  unit: SweptUnit,
  root: string | undefined,
  failed: Failure[],
): { unit: SweptUnit; trashed: string }[] {
  try {
    const trashed = moveAnywhere(unit.path, root);
    return trashed === undefined ? [] : [{ unit, trashed }];
  } catch (error) {
    // A quota of btrfs refuses even a rename: removing in place is what makes room.
    if (isFull(error)) return [{ unit, trashed: unit.path }];
    failed.push(moveFailure(unit.path, error));
    return [];
  }
}

function moveAnywhere(path: string, root: string | undefined): string | undefined {
  try {
    return root === undefined ? moveAside(path, 'on-trial') : moveToTrash(root, path, 'on-trial');
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return moveAside(path, 'on-trial');
    throw error;
  }
}

const isHeld = ({ processes, strays }: Snapshot, path: string): boolean =>
  strays.some((hold) => isWithin(path, hold.path)) ||
  [...processes.values()].some(
    ({ holds, tmpdir }) =>
      (tmpdir !== undefined && isWithin(path, tmpdir)) || holds.some((hold) => isWithin(path, hold.path)),
  );

const freshAfter = (maxAgeMs: number): number => Date.now() - Math.max(maxAgeMs, MIN_MAX_AGE_MS);
