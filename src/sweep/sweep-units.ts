// Removes units that are stale throughout and that nobody holds. In four steps: examine; move aside (the claim); look once
// more at what was moved, files and processes, and put back what is in use after all; remove. Parents stay.

import { codeOf } from '../fs.js';
import type { Snapshot } from '../process/snapshot.js';
import { takeSnapshot } from '../process/snapshot.js';
import { type Failure, mountFailures, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { moveAside, moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin } from '../root/layout.js';
import { type Examination, examine } from './examine.js';

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
  const freshAfter = Date.now() - Math.max(maxAgeMs, MIN_MAX_AGE_MS);
  const stale: (Examination & { path: string })[] = [];
  for (const path of units) {
    if (stale.some((unit) => isWithin(unit.path, path)) || isHeld(snapshot, path)) continue;
    const examination = await examine(path, { freshAfter });
    if (!examination.reason && mountFailures(path).length === 0) stale.push({ ...examination, path });
  }
  const swept = stale.map(({ path, bytes, entries }) => ({ path, reason: 'stale', bytes, entries }));
  if (isDryRun || stale.length === 0) return { swept, failed: [] };
  return removeClaimed(swept, root, freshAfter);
}

async function removeClaimed(
  units: readonly SweptUnit[],
  root: string | undefined,
  freshAfter: number,
): Promise<SweepResult> {
  const result: SweepResult = { swept: [], failed: [] };
  const claims = units.flatMap((unit) => claim(unit, root, result.failed));
  const again = await takeSnapshot({ roots: [], dirs: claims.map(({ trashed }) => trashed) });
  const goers: typeof claims = [];
  for (const { unit, trashed } of claims) {
    const { reason } = await examine(trashed, { freshAfter, isMoved: true });
    const isUsed = isHeld(again, trashed) || (reason !== undefined && reason !== 'gone');
    if (!isUsed || !restoreFromTrash(trashed, unit.path)) goers.push({ unit, trashed });
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
    failed.push(moveFailure(unit.path, error));
    return [];
  }
}

function moveAnywhere(path: string, root: string | undefined): string | undefined {
  try {
    return root === undefined ? moveAside(path) : moveToTrash(root, path);
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return moveAside(path);
    throw error;
  }
}

const isHeld = ({ processes, strays }: Snapshot, path: string): boolean =>
  strays.some((hold) => isWithin(path, hold.path)) ||
  [...processes.values()].some(
    ({ holds, tmpdir }) =>
      (tmpdir !== undefined && isWithin(path, tmpdir)) || holds.some((hold) => isWithin(path, hold.path)),
  );

const MIN_MAX_AGE_MS = 3_600_000;
