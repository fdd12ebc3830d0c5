// The leases of sessions: whether their owners live, and whether one has begun the end.
import { newYielder, untilDone } from '../clock.js';
import { quietly } from '../fs.js';
import { type FoundLease, readLease } from '../lease/lease-file.js';
import { type Here, ownerState } from '../lease/owner.js';
import { areAll } from '../names.js';
import { type Life, lifeOf } from '../process/identity.js';
import { lockStates } from '../process/lock.js';
import { isSessionEntry, lockFile } from '../root/layout.js';
import type { SessionFacts, Verdict } from './judge.js';
import type { SessionDir } from './session-dirs.js';

export interface FoundSession extends SessionDir {
  found: FoundLease;
  owner: SessionFacts['owner'];
  isLocked?: boolean;
}

/**
 * Reads the leases, and asks whether the owners live. Call it before the look at the processes: that sees
 * then what an owner started which is dead by now.
 */
export async function withOwners(sessions: readonly SessionDir[], now: Here): Promise<FoundSession[]> {
  const yielder = newYielder();
  const places: FoundSession[] = [];
  for (const session of sessions) {
    const found = readLease(session.at, session.id);
    if (found.lease || hasOnlyOurs(session.at)) places.push({ ...session, found, owner: 'unknown' });
    if (yielder.isDue()) await yielder.yield();
  }
  const life = onceEach(lifeOf);
  for (const place of places) {
    lookAtOwner(place, now, life);
    if (yielder.isDue()) await yielder.yield();
  }
  await lookAtLocks(places);
  return places;
}

/** Where the owner's life cannot be told from here: a held lock means that it lives. */
async function lookAtLocks(places: readonly FoundSession[]): Promise<void> {
  const asked = places.flatMap((place) => {
    const lock = place.owner === 'elsewhere' ? place.found.lease?.lock : undefined;
    return lock === undefined ? [] : [{ place, file: lockFile(place.root, lock) }];
  });
  const states = await lockStates(asked.map(({ file }) => file));
  for (const { place, file } of asked) place.isLocked = states.get(file) === 'held';
}

/**
 * Reads the lease of a dead owner once more: it may have named its agent or marked the session `kept` just
 * before it died.
 */
function lookAtOwner(place: FoundSession, now: Here, life: typeof lifeOf): void {
  if (!place.found.lease) return;
  const owner = ownerState(place.found.lease, place.found.heartbeatAt, now, life);
  if (owner === 'dead') place.found = readLease(place.at, place.id);
  if (place.found.lease) place.owner = owner;
}

/** Thousands of sessions may have the same owner. */
function onceEach(ask: typeof lifeOf): typeof lifeOf {
  const known = new Map<string, Life>();
  return (owner) => {
    const name = `${owner.pid} ${owner.startTime}`;
    const answer = known.get(name) ?? ask(owner);
    known.set(name, answer);
    return answer;
  };
}

/** A directory without a good lease is ours only where all in it is: eight letters may be a word. */
const hasOnlyOurs = (dir: string): boolean => quietly(() => areAll(dir, isSessionEntry)) === true;

type Judged = Verdict & Pick<SessionDir, 'id' | 'at'>;

/**
 * An owner whose agent has left says in the lease that the end has begun. A look just before that would
 * report a forgotten session, so this one waits for that word: once for each session, since a server that
 * forgot one never says it.
 */
export async function withBegunEnds<T extends Judged>(judged: readonly T[]): Promise<T[]> {
  let seen = [...judged];
  const isAwaited = (one: T) => isForgotten(one) && !forgotten.has(one.at);
  await untilDone(() => {
    seen = seen.map((one) => (isAwaited(one) && hasBegun(one) ? { ...one, reason: 'ending' } : one));
    return !seen.some(isAwaited);
  }, MOST_MS);
  for (const { at } of seen.filter(isForgotten)) forgotten.add(at);
  return seen;
}
const forgotten = new Set<string>();

const isForgotten = ({ state, reason }: Verdict): boolean => state === 'live' && reason === 'agent-gone';

/** Also where it is over already. */
function hasBegun({ at, id }: Judged): boolean {
  const { lease } = readLease(at, id);
  return !lease || lease.ending !== undefined;
}

const MOST_MS = 2_000;
