// Removes sessions that were judged to be orphans: moved to the trash all at once, looked at once more, removed. The verdicts
// came from one look at the processes; while the first of many is removed, somebody might come back to the last.
import { fs } from '../fs.js';
import { type Failure, mountFailures, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { abandon, condemn, moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { isFull } from '../space/probe.js';
import type { Candidate } from './candidates.js';
import { lookOnceMore } from './is-used.js';
import { sizeOf } from './size-of.js';

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
  const mounts = readMounts();
  const claims = orphans.flatMap((candidate) => claim(candidate, mounts, result.failed));
  if (claims.length === 0) return result;
  const isUsed = await lookOnceMore(claims.map(({ candidate: { dir }, trashed }) => ({ trashed, dir })));
  const unused = claims.filter(({ candidate, trashed }) => {
    const { dir } = candidate;
    if (!isUsed(trashed, dir)) return true;
    // Is its place taken, it waits in the trash.
    if (trashed !== dir && !restoreFromTrash(trashed, dir)) abandon(trashed);
    result.restored.push(candidate);
    return false;
  });
  for (let at = 0; at < unused.length; at += BATCH)
    result.failed.push(...(await removeBatch(unused.slice(at, at + BATCH).map(condemned), onRemoved)));
  return result;
}

async function removeBatch(
  claims: readonly Claim[],
  onRemoved: (removed: Removed) => void,
): Promise<Failure[]> {
  const removed = new Map<string, Removed>();
  for (const { candidate, trashed } of claims) {
    const { id, root, reason } = candidate;
    const { bytes, entries } = await sizeOf(trashed);
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

const condemned = (claimed: Claim): Claim => ({ ...claimed, trashed: condemn(claimed.trashed) });
const BATCH = 50;

function claim(candidate: Candidate, mounts: readonly Mount[], failed: Failure[]): Claim[] {
  const { root, dir } = candidate;
  const mounted = mountFailures(dir, mounts);
  failed.push(...mounted);
  if (mounted.length > 0) return [];
  try {
    const trashed = moveToTrash(root, dir, 'on-trial');
    return trashed === undefined ? [] : [{ candidate, trashed }];
  } catch (error) {
    if (isFull(error)) return [{ candidate, trashed: dir }];
    if (fs.existsSync(dir)) failed.push(moveFailure(dir, error)); // not gone, perhaps with its root
    return [];
  }
}
