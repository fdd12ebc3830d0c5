// Removes sessions that were judged to be orphans: moved to the trash all at once, looked at once more, removed. The verdicts
// came from one look at the processes; while the first of many is removed, somebody might come back to the last.
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { type Failure, mountFailures, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { isFull } from '../space/probe.js';
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
  const unused = claims.filter(({ candidate, trashed }) => {
    const { dir } = candidate;
    const isBack = isUsed(again, trashed, dir) && (trashed === dir || restoreFromTrash(trashed, dir));
    if (isBack) result.restored.push(candidate);
    return !isBack;
  });
  for (let at = 0; at < unused.length; at += BATCH)
    result.failed.push(...(await removeBatch(unused.slice(at, at + BATCH), onRemoved)));
  return result;
}

async function removeBatch(
  claims: readonly Claim[],
  onRemoved: (removed: Removed) => void,
): Promise<Failure[]> {
  const removed = new Map<string, Removed>();
  for (const { candidate, trashed } of claims) {
    const { id, root, reason } = candidate;
    const { bytes, entries } = await measure(trashed);
    removed.set(trashed, { id, root, reason, bytes, entries });
  }
  const results = await removeTrees([...removed.keys()]);
  for (const [trashed, one] of removed) if (results.get(trashed)?.length === 0) onRemoved(one);
  return [...results.values()].flat();
}

interface Claim {
  candidate: Candidate;
  /** Where it is now; its own directory when it could not be renamed for lack of space. */
  trashed: string;
}

const BATCH = 50;

/** Somebody holds something of what was moved, or has its TMPDIR where it was: the first look missed one that was just forked. */
const isUsed = ({ processes, strays }: Snapshot, trashed: string, dir: string): boolean =>
  strays.some((hold) => hold.dir === trashed) ||
  [...processes.values()].some(
    ({ holds, tmpdir }) =>
      holds.some((hold) => hold.dir === trashed) || (tmpdir !== undefined && isWithin(tmpDir(dir), tmpdir)),
  );

function claim(candidate: Candidate, failed: Failure[]): Claim[] {
  const { root, dir } = candidate;
  const mounted = mountFailures(dir);
  failed.push(...mounted);
  if (mounted.length > 0) return [];
  try {
    const trashed = moveToTrash(root, dir);
    return trashed === undefined ? [] : [{ candidate, trashed }];
  } catch (error) {
    if (isFull(error)) return [{ candidate, trashed: dir }];
    failed.push(moveFailure(dir, error));
    return [];
  }
}
