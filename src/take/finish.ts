// The second half of the road, for what is claimed: looked at again, then removed or given back.
import { dirname } from 'node:path';
import { fs, quietly, systemCode } from '../fs.js';
import type { WorkOnRoad } from '../options.js';
import { type Failure, mountFailures } from '../remove/failure.js';
import { removeFrom } from '../remove/remove-from.js';
import { isGone, isSame } from '../tree/directory.js';
import { sizeOf } from '../tree/measure.js';
import { type Claim, type Claims, heldPath, type Reasons, type Thing, UNIT_CLAIM } from './claim.js';
import { abandonSession, giveBack, leaveShelf } from './give-back.js';
import { isRemovedAtOnce, removeClaimed } from './remove-claimed.js';
import { ABOUT_WORK, type Taken, taken, unclaimed } from './taken.js';

export interface Road {
  /** The second look. Throws the system's error where it cannot look. */
  lookAgain(claims: readonly Claim[]): Promise<Reasons>;
  /** Measure each that goes, just before. */
  measures?: boolean;
  /** Takes over the removal of what was moved away in `root`, so that nobody waits for it. */
  handOver?: ((root: string) => void) | undefined;
  /** False: nothing more is to be removed; what is claimed is given back. */
  isWanted?: (() => boolean) | undefined;
  /** `remove`, `tell`: work in a session is temp, too. */
  work?: WorkOnRoad | undefined;
}

/** Looks again at all that was claimed, gives back what has to stay, removes the rest, and closes `all`. */
export async function finishClaims(all: readonly Claims[], road: Road): Promise<Taken[]> {
  try {
    return await finishOpen(all, road);
  } finally {
    for (const { close } of all) close();
  }
}

async function finishOpen(all: readonly Claims[], road: Road): Promise<Taken[]> {
  const reasonOf = await lookAgain(
    all.flatMap((one) => one.claims),
    road,
  );
  const results: Taken[] = [];
  for (const group of all) {
    const { shelfName } = group;
    const refused = group.unclaimed.map(({ thing, error }) => unclaimed(thing, error));
    const finished = [...refused, ...(await finishGroup(group, reasonOf, road))];
    // Also an empty one: somebody was faster.
    const left = shelfName.startsWith(UNIT_CLAIM) ? leaveShelf(group) : undefined;
    results.push(
      ...finished.map((one) => (left === undefined ? one : found(one, `/${shelfName}/`, `/${left}/`))),
    );
  }
  return results;
}

async function finishGroup(group: Claims, reasonOf: Reasons, road: Road): Promise<Taken[]> {
  const results: Taken[] = [];
  const goers: Claim[] = [];
  for (const claim of group.claims) {
    const reason = reasonOf(claim);
    if (reason === undefined) goers.push(claim);
    else results.push(giveUp(claim, group, reason));
  }
  // A session may take its time: who may call it off is asked before each.
  const together = road.isWanted && group.claims[0]?.thing.kind === 'session' ? 1 : TOGETHER;
  for (let at = 0; at < goers.length; at += together) {
    const some = goers.slice(at, at + together);
    if (road.isWanted?.() === false) results.push(...some.map((claim) => giveUp(claim, group, STOPPED)));
    else results.push(...(await remove(some, road)));
  }
  return results;
}

/** What is left has another name by now. */
function found(one: Taken, was: string, is: string): Taken {
  const failed = one.failed.map(({ path, reason, hint }) => {
    return { path: path.replace(was, () => is), reason, hint: hint.replaceAll(was, () => is) };
  });
  return { ...one, failed };
}

/** What cannot be looked at is given back, also where its place was moved: the look is by path. */
async function lookAgain(claims: readonly Claim[], road: Road): Promise<Reasons> {
  if (claims.length === 0) return () => undefined;
  try {
    const reasonOf = await road.lookAgain(claims);
    const places = new Map(claims.map((claim) => [claim.parent, claim]));
    const moved = new Set([...places.values()].filter(isMoved).map(({ parent }) => parent));
    return (claim) => reasonOf(claim) ?? (moved.has(claim.parent) ? 'was moved meanwhile' : undefined);
  } catch (error) {
    const reason = `cannot be looked at (${systemCode(error)})`;
    return () => reason;
  }
}

/** Whether the directory that a claim lies in is somewhere else by now, with a session that was claimed. */
function isMoved({ at, parent }: Claim): boolean {
  const [there, here] = [dirname(at), parent.base].map((path) => quietly(() => fs.statSync(path)));
  return !there || !here || !isSame(there, here);
}

function giveUp(claim: Claim, { origin }: Claims, reason: string): Taken {
  const { thing } = claim;
  if (giveBack(claim, origin)) return taken(thing, 'used', { reason });
  // Somebody took it away, with all that was around it: a session that ended while it was swept.
  if (isGone(heldPath(claim))) return taken(thing, 'gone');
  // Whoever takes over what we let go of relies on our search for work: so what stays for work stays ours.
  const path = thing.kind === 'session' && !ABOUT_WORK.has(reason) ? abandonSession(claim) : claim.at;
  const why = `it has to stay (${reason}), and cannot be put back to ${thing.path}`;
  return taken(thing, 'used', { reason, failed: [{ path, reason: why, hint: 'qw-tmp reap' }] });
}

async function remove(claims: readonly Claim[], road: Road): Promise<Taken[]> {
  const sizes = new Map<Thing, Taken['size']>();
  if (road.measures) for (const { thing, at } of claims) sizes.set(thing, await sizeOf(at));
  const results: Taken[] = [];
  const waiting: Claim[] = [];
  for (const claim of claims) {
    if (road.handOver && (await isLeft(claim, road.handOver))) results.push(taken(claim.thing, 'removed'));
    else waiting.push(claim);
  }
  // Those in place and those on the shelf are in two directories.
  for (const parent of new Set(waiting.map((claim) => claim.parent))) {
    const here = waiting.filter((claim) => claim.parent === parent);
    const { at, thing } = here[0] as Claim;
    const names = here.map(({ name }) => name);
    const left =
      thing.kind === 'session'
        ? await removeClaimed(parent, dirname(at), names)
        : await removeFrom(parent, dirname(at), names);
    for (const claim of here) results.push(outcomeOf(claim, left.get(claim.name) ?? []));
  }
  return results.map((one) => ({ ...one, size: sizes.get(one.thing) }));
}

/** Whether nobody waits for its removal. A small one is removed sooner than another process is started. */
async function isLeft(claim: Claim, handOver: (root: string) => void): Promise<boolean> {
  // Where something was mounted meanwhile, or that cannot be told, we wait for the failure and report it.
  if (claim.inPlace !== undefined || quietly(() => mountFailures(claim.at))?.length !== 0) return false;
  if (await isRemovedAtOnce(claim)) return true;
  abandonSession(claim);
  handOver(claim.thing.base);
  return true;
}

function outcomeOf(claim: Claim, failures: readonly Failure[]): Taken {
  const { thing, at } = claim;
  if (failures.length === 0) return taken(thing, 'removed');
  const isMoved = thing.kind === 'session' && claim.inPlace === undefined;
  const failure = taken(thing, 'failed', { failed: [...failures] });
  return isMoved ? found(failure, at, abandonSession(claim)) : failure;
}

/** Why it stays that nobody wants to be removed any more. */
export const STOPPED = 'stopped';
const TOGETHER = 50; // removed before the first is reported
