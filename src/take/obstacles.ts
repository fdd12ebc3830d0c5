// What is looked at before anything is moved: mounts, whose other side may be anybody's, and work, which a
// rename would break (git forgets a worktree that is not where it was). Work is looked for once more after
// the claim: the first look took its time, and a worktree may have come meanwhile. Nobody finds a claimed
// session by its old name, and whoever is in it is found by the look at processes.
import { dirname } from 'node:path';
import { newYielder } from '../clock.js';
import { fs } from '../fs.js';
import type { WorkOnRoad } from '../options.js';
import { mountFailures, unseenFailure } from '../remove/failure.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import { rawPath } from '../tree/raw-path.js';
import { findWork } from '../work/find-work.js';
import { ownerAt } from '../work/search.js';
import type { FoundWork, TempRepository, Work } from '../work/work.js';
import type { Claim, Thing } from './claim.js';
import type { Road } from './finish.js';
import { type Taken, taken, WORK_UNSEEN, WORKTREE } from './taken.js';

/** Why a thing must not be moved: a result, or work that stays. Otherwise what goes with it. */
type BeforeClaim = Taken | { stays: Work[] } | Going;

export interface Going {
  repositories: TempRepository[];
  /** Work that nobody wants to keep. */
  lost: Work[];
}

/** Looks for what keeps `thing` from being moved. Never throws the system's errors. */
export async function lookBefore(
  thing: Thing,
  choice: WorkOnRoad | undefined,
  mountsNow: () => readonly Mount[],
): Promise<BeforeClaim> {
  const { kind, path } = thing;
  try {
    const mounts = mountsNow();
    const mounted = mountFailures(path, mounts);
    if (mounted.length > 0) return taken(thing, 'failed', { failed: mounted });
    if (kind !== 'session' || choice === 'remove') return { repositories: [], lost: [] };
    const { work, repositories, unseen } = await lookEverywhere(tmpDir(path), mounts);
    if (choice === 'tell') return { repositories, lost: work }; // all of it goes, also what is unseen
    if (unseen === undefined) return work.length > 0 ? { stays: work } : { repositories, lost: [] };
    // Somebody may have removed it during the look.
    return fs.existsSync(path) ? taken(thing, 'used', { reason: WORK_UNSEEN }) : taken(thing, 'gone');
  } catch (error) {
    return taken(thing, 'failed', { failed: [unseenFailure(path, error, 'qw-tmp reap')] });
  }
}

/** Where all that is unseen is another user's, the look counts as whole. */
async function lookEverywhere(tmp: string, mounts: readonly Mount[], was?: string): Promise<FoundWork> {
  const found = await findWork(tmp, { mounts, was });
  const owner = found.unseen === undefined ? undefined : ownerAt(rawPath(found.unseen));
  // We cannot remove that either.
  return owner === undefined || owner === ownUid() ? found : { ...found, unseen: undefined };
}

/** Where work is looked for. With a `place` there, only work in or around that makes the claim stay. */
interface Searched {
  dir: string;
  place?: string;
  /** Where `dir`, or what lies there, was before the claim. */
  was?: string;
}

/**
 * `lookAgain`, and after it a look for work in what would go, unless work counts for nothing. In this order:
 * what somebody made who has left by then shows in the files. The search takes its time, and what lies in its
 * place still has its name: who uses that is looked at once more.
 */
export function alsoForWork(
  lookAgain: Road['lookAgain'],
  choice: WorkOnRoad | undefined,
  searchedFor: (claim: Claim) => Searched | undefined = tmpOf,
): Road['lookAgain'] {
  if (choice === 'remove' || choice === 'tell') return lookAgain;
  return async (claims) => {
    const reasonOf = await lookAgain(claims);
    const reasons = new Map<Claim, string | undefined>();
    const workIn = searcher(readMounts());
    const yielder = newYielder();
    for (const claim of claims) {
      reasons.set(claim, reasonOf(claim) ?? (await workIn(searchedFor(claim))));
      if (yielder.isDue()) await yielder.yield();
    }
    const inPlace = claims.filter((claim) => claim.inPlace !== undefined && !reasons.get(claim));
    const lastOf = inPlace.length > 0 ? await lookAgain(inPlace) : () => undefined;
    return (claim) => reasons.get(claim) ?? (inPlace.includes(claim) ? lastOf(claim) : undefined);
  };
}

/** A unit that is swept stays whole with any repository in it. */
const tmpOf = ({ thing, at }: Claim): Searched | undefined =>
  thing.kind === 'session' ? { dir: tmpDir(at), was: tmpDir(thing.path) } : undefined;

/** All that lies together on a shelf: what belongs to something there is not outside, and goes with it. */
export const shelfOf = ({ thing, parent, name }: Claim): Searched => ({
  dir: `${parent.base}/.`,
  place: `${parent.base}/./${name}`,
  was: dirname(thing.path),
});

/** Searches each directory once. */
function searcher(mounts: readonly Mount[]): (searched: Searched | undefined) => Promise<string | undefined> {
  const all = new Map<string, FoundWork>();
  return async (searched) => {
    if (!searched) return undefined;
    const { dir, place = dir, was } = searched;
    const found = all.get(dir) ?? (await lookEverywhere(dir, mounts, was));
    all.set(dir, found);
    if (found.work.some(({ path }) => isWithin(place, path) || isWithin(path, place))) return WORKTREE;
    return found.unseen === undefined ? undefined : WORK_UNSEEN;
  };
}
