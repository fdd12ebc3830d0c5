// The one road to removal, for whoever removes: select → claim → look again → remove, or give back.
// Callers differ in what they select and in what they look at again; docs/how-it-works.md has the table.
//   before the claim  mounts, and work that a rename would break
//   claim             a rename (claim.ts); where the system refuses it, the thing goes where it is, through
//                     its open parent
//   look again        at what may have come between the first look and the claim, work included
//   remove            by descriptors; of a session the lease last, so that whoever finds a half still knows
//                     whose it is
import { dirname, join } from 'node:path';
import { once } from '../once.js';
import { isWithin } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import { isGone } from '../tree/directory.js';
import type { Work } from '../work/work.js';
import { besideWork } from './beside-work.js';
import { claimIn, type Thing } from './claim.js';
import { takeOverUnits } from './dead-claims.js';
import { finishClaims, type Road } from './finish.js';
import { alsoForWork, type Going, lookBefore, shelfOf } from './obstacles.js';
import { type Taken, unclaimed, WORKTREE } from './taken.js';
import { usersOf } from './users.js';

export type { Road, Taken };

/** Removes `things`; returns a result for each, in no order. Never throws the system's errors. */
export async function take(things: readonly Thing[], road: Road): Promise<Taken[]> {
  const results: Taken[] = [];
  const free: Thing[] = [];
  const going = new Map<Thing, Going>();
  const mountsNow = once(readMounts);
  for (const thing of things) {
    const found = await lookBefore(thing, road.work, mountsNow);
    if ('outcome' in found) results.push(found);
    else if ('stays' in found) results.push(await takeBeside(thing, found.stays, road));
    else {
      free.push(thing);
      going.set(thing, found);
    }
  }
  const lookAgain = alsoForWork(road.lookAgain, road.work);
  const groups = byDirectory(free);
  for (let at = 0; at < groups.length; at += DIRECTORIES)
    for (const taken of await takeBatch(groups.slice(at, at + DIRECTORIES), { ...road, lookAgain }))
      results.push(await withoutWork(withGoing(taken, going.get(taken.thing) as Going), road));
  return results;
}

/** Work is told also where some of the session could not be removed; not where it was given back. */
function withGoing(taken: Taken, { repositories, lost }: Going): Taken {
  const isOurs = taken.outcome !== 'gone'; // who removed it tells
  const work = lost.filter(({ bytes }) => isOurs && isGone(bytes));
  return { ...taken, repositories, work: [...taken.work, ...work] };
}

/** A session given back for new work loses the rest of its TMPDIR, as if the work was there before. */
async function withoutWork(taken: Taken, road: Road): Promise<Taken> {
  const { thing, outcome, reason, failed } = taken;
  if (outcome !== 'used' || reason !== WORKTREE || failed.length > 0) return taken;
  const found = await lookBefore(thing, road.work, readMounts);
  return 'stays' in found ? takeBeside(thing, found.stays, road) : taken;
}

/** A session with work in it stays in its place: the rest of its TMPDIR goes, as units. */
async function takeBeside(thing: Thing, work: Work[], whole: Road): Promise<Taken> {
  const { way, beside } = besideWork(join(thing.path, 'tmp'), work);
  // Who works in the TMPDIR itself has no unit open: so users of the whole session count for each unit.
  const here = { thing, at: thing.path, parent: { base: thing.base, close() {} }, name: '', inPlace: work };
  const usedAgain: Road['lookAgain'] = async (claims) => {
    const usedBy = await usersOf(claims);
    const reason = (await whole.lookAgain([here]))(here);
    return (claim) => reason ?? usedBy(claim);
  };
  // A worktree may have come to it since.
  const lookAgain = alsoForWork(usedAgain, whole.work, shelfOf);
  // Also what a dead remover had claimed of them; a living one keeps its own.
  const isOnTheWay = (path: string) => work.some((one) => isWithin(path, one.path));
  const left = way.flatMap((dir) => takeOverUnits(thing.base, dir, isOnTheWay));
  const failed = (await finishClaims(left, { lookAgain })).flatMap((taken) => taken.failed);
  for (let at = 0; at < beside.length; at += TOGETHER) {
    const paths = beside.slice(at, at + TOGETHER);
    const units = paths.map((path): Thing => ({ kind: 'unit', path, base: thing.base }));
    for (const taken of await take(units, { lookAgain, isWanted: whole.isWanted }))
      failed.push(...taken.failed);
  }
  return { thing, outcome: 'work', failed, work };
}

function byDirectory(things: readonly Thing[]): [Thing, ...Thing[]][] {
  const groups = new Map<string, [Thing, ...Thing[]]>();
  for (const thing of things) {
    const group = groups.get(dirname(thing.path));
    if (group) group.push(thing);
    else groups.set(dirname(thing.path), [thing]);
  }
  return [...groups.values()];
}

async function takeBatch(groups: readonly [Thing, ...Thing[]][], road: Road): Promise<Taken[]> {
  const refused: Taken[] = [];
  const claimed = groups.flatMap((group) => {
    try {
      return claimIn(group);
    } catch (error) {
      refused.push(...group.map((thing) => unclaimed(thing, error)));
      return [];
    }
  });
  return [...refused, ...(await finishClaims(claimed, road))];
}

const DIRECTORIES = 32; // at once: each takes two descriptors
const TOGETHER = 1_000; // there may be very many
