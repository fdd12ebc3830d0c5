// The one road to removal, for whoever removes: select → claim → look again → remove, or give back. Callers
// differ in what they select and in what they look at again; docs/how-it-works.md has the table.
//   before the claim  mounts, and work that a rename would break
//   claim             a rename (claim.ts); where the system refuses it, the thing goes where it is, through
//                     its open parent
//   look again        at what may have come between the first look and the claim, work included
//   remove            by descriptors; of a session the lease last, so that whoever finds a half still knows
//                     whose it is
import { dirname, join } from 'node:path';
import { isWithin } from '../root/layout.js';
import { type Mount, readMounts } from '../root/mounts.js';
import type { Work } from '../work/work.js';
import { obstacleOf } from './before-claim.js';
import { besideWork } from './beside-work.js';
import { claimIn, type Thing } from './claim.js';
import { takeOverUnits } from './dead-claims.js';
import { finish, type Road } from './finish.js';
import { grouped } from './grouped.js';
import { type Taken, unclaimed } from './taken.js';
import { usersOf } from './users.js';
import { alsoForWork, WORKTREE } from './work-since.js';

export type { Road, Taken };

/** Removes `things`; tells of each what came of it, in no order. Never throws the system's errors. */
export async function take<T extends Thing>(things: readonly T[], road: Road<T>): Promise<Taken<T>[]> {
  const results: Taken<T>[] = [];
  const free: T[] = [];
  let mounts: readonly Mount[] | undefined;
  const mountsNow = () => {
    mounts ??= readMounts();
    return mounts;
  };
  for (const thing of things) {
    const obstacle = await obstacleOf(thing, road.work, mountsNow);
    if (!obstacle) free.push(thing);
    else results.push('taken' in obstacle ? obstacle.taken : await takeBeside(thing, obstacle.work, road));
  }
  const lookAgain = alsoForWork(road.lookAgain, road.work);
  for (const batch of batchesOf(free))
    for (const taken of await takeBatch(batch, { ...road, lookAgain }))
      results.push(await withoutWork(taken, road));
  return results;
}

/** What was given back for work that came meanwhile loses the rest of its TMPDIR, as if it had been there. */
async function withoutWork<T extends Thing>(taken: Taken<T>, road: Road<T>): Promise<Taken<T>> {
  const { thing, outcome, reason, failed } = taken;
  if (outcome !== 'used' || reason !== WORKTREE || failed.length > 0) return taken;
  const obstacle = await obstacleOf(thing, road.work, readMounts);
  return obstacle && 'work' in obstacle ? takeBeside(thing, obstacle.work, road) : taken;
}

/** A session with work in it stays in its place: the rest of its TMPDIR goes, as units. */
async function takeBeside<T extends Thing>(thing: T, work: Work[], whole: Road<T>): Promise<Taken<T>> {
  const { way, beside } = besideWork(join(thing.path, 'tmp'), work);
  // Who works in the TMPDIR, or has it for its own, has no unit open.
  const here = { thing, at: thing.path, dir: { base: thing.base, close() {} }, name: '', inPlace: work };
  const lookAgain: Road['lookAgain'] = async (claims) => {
    const usedBy = await usersOf(claims);
    const reason = (await whole.lookAgain([here]))(here);
    return (claim) => reason ?? usedBy(claim);
  };
  // What a remover of these that died had claimed; what a living one has in hand is its own.
  const isOnTheWay = (path: string) => work.some((one) => isWithin(path, one.path));
  const left = way.flatMap((dir) => takeOverUnits(thing.base, dir, isOnTheWay));
  const finished = await finish(left, { lookAgain });
  for (const { close } of left) close();
  const failed = finished.flatMap((taken) => taken.failed);
  for (let at = 0; at < beside.length; at += TOGETHER) {
    const paths = beside.slice(at, at + TOGETHER);
    const units = paths.map((path): Thing => ({ kind: 'unit', path, base: thing.base }));
    for (const taken of await take(units, { lookAgain })) failed.push(...taken.failed);
  }
  return { thing, outcome: 'work', failed, work };
}

/** Together as many as there are descriptors for: two a directory. */
function batchesOf<T extends Thing>(things: readonly T[]): T[][][] {
  const groups = [...grouped(things, ({ path }) => dirname(path)).values()];
  return Array.from({ length: Math.ceil(groups.length / DIRECTORIES) }, (_, at) =>
    groups.slice(at * DIRECTORIES, (at + 1) * DIRECTORIES),
  );
}

async function takeBatch<T extends Thing>(groups: readonly T[][], road: Road<T>): Promise<Taken<T>[]> {
  const results: Taken<T>[] = [];
  const taken = groups.flatMap((group) => {
    try {
      return claimIn(group as [T, ...T[]]);
    } catch (error) {
      results.push(...group.map((thing) => unclaimed(thing, error)));
      return [];
    }
  });
  try {
    for (const one of taken)
      results.push(...one.unclaimed.map(({ thing, error }) => unclaimed(thing, error)));
    results.push(...(await finish(taken, road)));
    return results;
  } finally {
    for (const { close } of taken) close();
  }
}

const DIRECTORIES = 32;
const TOGETHER = 1_000; // there may be any number
