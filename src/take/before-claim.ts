// What is looked at before anything is moved: mounts, whose other side may be anybody's, and work, which a
// rename would break (git forgets a worktree that is not where it was).
import { join } from 'node:path';
import { attempt, codeOf, fs } from '../fs.js';
import type { WorkChoice } from '../options.js';
import { mountFailures } from '../remove/failure.js';
import { ownUid } from '../root/guard.js';
import type { Mount } from '../root/mounts.js';
import { findWork } from '../work/find-work.js';
import type { FoundWork, Work } from '../work/work.js';
import type { Thing } from './claim.js';
import { failing, type Taken, unclaimed, used } from './taken.js';

/** What keeps a thing from being moved: a reason to leave it, or work in it; undefined when nothing does. */
export type Obstacle<T extends Thing> = { taken: Taken<T> } | { work: Work[] } | undefined;

/** Looks for what keeps `thing` from being moved. Never throws the system's errors. */
export async function obstacleOf<T extends Thing>(
  thing: T,
  choice: WorkChoice | undefined,
  mountsNow: () => readonly Mount[],
): Promise<Obstacle<T>> {
  const { kind, path } = thing;
  try {
    const mounts = mountsNow();
    const mounted = mountFailures(path, mounts);
    if (mounted.length > 0) return { taken: failing(thing, mounted) };
    if (kind !== 'session' || choice === 'remove') return undefined;
    const { work, isPartial } = await lookEverywhere(join(path, 'tmp'), mounts);
    if (!isPartial) return work.length > 0 ? { work } : undefined;
    // Somebody may have been faster, in the middle of the look.
    return { taken: fs.existsSync(path) ? used(thing, 'work-unseen') : unclaimed(thing, undefined) };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const reason = `it cannot be looked at (${code})`;
    return { taken: failing(thing, [{ path, reason, hint: 'qw-tmp reap' }]) };
  }
}

/** What another user keeps to itself is left out. */
export async function lookEverywhere(tmp: string, mounts?: readonly Mount[]): Promise<FoundWork> {
  const found = await findWork(tmp, mounts && { mounts });
  const owner = found.unseen && attempt(() => fs.lstatSync(found.unseen ?? ''))?.uid;
  // We cannot remove what is in there either.
  return owner === undefined || owner === ownUid() ? found : { ...found, isPartial: false };
}
