// Removes sessions that were judged to be orphans: moved to the trash all at once, looked at once more, removed. The verdicts
// came from one look at the processes; while the first of many is removed, somebody might come back to the last.
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { type Failure, mountFailures, moveFailure, removeTree } from '../remove/remove-tree.js';
import { moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin, tmpDir } from '../root/layout.js';
import type { Candidate } from './candidates.js';
import { measure } from './measure.js';

export interface Removed {
  id: string;
  root: string;
  reason: string;
  bytes: number;
  entries: number;
}

export interface RemoveOrphansResult {
  /** In use after all. */
  restored: Candidate[];
  failed: Failure[];
}

/** Removes `orphans`; `onRemoved` hears of each. */
export async function removeOrphans(
  orphans: readonly Candidate[],
  onRemoved: (removed: Removed) => void,
): Promise<RemoveOrphansResult> {
  const result: RemoveOrphansResult = { restored: [], failed: [] };
  const claims = orphans.flatMap((candidate) => claim(candidate, result.failed));
  if (claims.length === 0) return result;
  const again = await takeSnapshot({ roots: [], dirs: claims.map(({ trashed }) => trashed) });
  for (const { candidate, trashed } of claims) {
    if (isUsed(again, trashed, candidate.dir) && restoreFromTrash(trashed, candidate.dir)) {
      result.restored.push(candidate);
      continue;
    }
    const { bytes, entries } = await measure(trashed);
    const failures = await removeTree(trashed);
    result.failed.push(...failures);
    if (failures.length > 0) continue;
    onRemoved({ id: candidate.id, root: candidate.root, reason: candidate.reason, bytes, entries });
  }
  return result;
}

/** Somebody holds something of what was moved, or has its TMPDIR where it was: the first look missed one that was just forked. */
const isUsed = ({ processes, strays }: Snapshot, trashed: string, dir: string): boolean =>
  strays.some((hold) => hold.dir === trashed) ||
  [...processes.values()].some(
    ({ holds, tmpdir }) =>
      holds.some((hold) => hold.dir === trashed) || (tmpdir !== undefined && isWithin(tmpDir(dir), tmpdir)),
  );

function claim(candidate: Candidate, failed: Failure[]): { candidate: Candidate; trashed: string }[] {
  const { root, dir } = candidate;
  const mounted = mountFailures(dir);
  failed.push(...mounted);
  if (mounted.length > 0) return [];
  try {
    const trashed = moveToTrash(root, dir);
    return trashed === undefined ? [] : [{ candidate, trashed }];
  } catch (error) {
    failed.push(moveFailure(dir, error));
    return [];
  }
}
