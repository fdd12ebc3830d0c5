// The session directories under some roots, each with its lease and whether its owner lives.
import { relative, sep } from 'node:path';
import { turns } from '../clock.js';
import { attempt, fs, quietly } from '../fs.js';
import { type FoundLease, readAgain, readLease } from '../lease/lease-file.js';
import { type Here, ownerState } from '../lease/owner.js';
import { areAll, namesIn } from '../names.js';
import { isPidTaken, type Life, lifeOf, type ProcessIdentity } from '../process/identity.js';
import { canListPids, listPids } from '../process/list-pids.js';
import { lockStates } from '../process/lock.js';
import { type Failure, mountFailures } from '../remove/failure.js';
import { ownUid } from '../root/guard.js';
import { isSessionEntry, lockFile, SESSION_ID, sessionDir } from '../root/layout.js';
import { mountsUnder, readMounts, servedBelow } from '../root/mounts.js';
import type { SessionFacts } from './judge.js';

export interface SessionPlace {
  id: string;
  root: string;
  /** Its own place, by which processes know it. */
  dir: string;
  /** Where it is now: there, or in the trash. */
  at: string;
}

export interface Place extends SessionPlace {
  found: FoundLease;
  owner: SessionFacts['owner'];
  isLocked?: boolean;
}

/**
 * The session directories under `roots`. Entries that are not ours by name, type or owner are not even listed
 * (row 1), nor those that a dead server may keep us from looking at.
 */
export async function sessionsUnder(roots: readonly string[]): Promise<SessionPlace[]> {
  const turn = turns();
  const uid = ownUid();
  const found: SessionPlace[] = [];
  const closed = new Set(closedSessions(roots).map(({ dir }) => dir));
  for (const root of roots)
    for (const id of attempt(() => namesIn(root, (name) => SESSION_ID.test(name))) ?? []) {
      const dir = sessionDir(root, id);
      if (!closed.has(dir) && isOwnDirectory(dir, uid)) found.push({ id, root, dir, at: dir });
      if (turn.isOver()) await turn.pass();
    }
  return found;
}

export interface ClosedSession {
  id: string;
  dir: string;
  failed: Failure[];
}

/**
 * Sessions with a FUSE or network mount on their directory, or on anything right in it: they cannot be looked
 * at without asking it. One deeper in the TMPDIR is no reason.
 */
export function closedSessions(roots: readonly string[], mounts = readMounts()): ClosedSession[] {
  const closed = new Map<string, ClosedSession>();
  for (const root of roots) {
    const isServed = servedBelow(root, mounts);
    for (const point of mountsUnder(root, mounts).filter(isServed)) {
      const [id = '', ...below] = relative(root, point).split(sep);
      if (!SESSION_ID.test(id) || below.length > 1) continue;
      const dir = sessionDir(root, id);
      const failed = [...(closed.get(dir)?.failed ?? []), ...mountFailures(point)];
      closed.set(dir, { id, dir, failed });
    }
  }
  return [...closed.values()];
}

/**
 * Their leases, and whether the owners live. To be known before anybody looks at the processes: what an owner
 * started that is dead by now is there to be seen then.
 */
export async function withOwners(sessions: readonly SessionPlace[], now: Here): Promise<Place[]> {
  const turn = turns();
  const before = listNow();
  const places: Place[] = [];
  for (const session of sessions) {
    const found = readLease(session.at, session.id);
    if (found.kind === 'good' || hasOnlyOurs(session.at))
      places.push({ ...session, found, owner: 'unknown' });
    if (turn.isOver()) await turn.pass();
  }
  const lives = livesIn(listNow());
  for (const place of places) {
    lookAtOwner(place, now, before, lives);
    if (turn.isOver()) await turn.pass();
  }
  await lookAtLocks(places);
  return places;
}

/** Of those owners that cannot be told from here. */
async function lookAtLocks(places: readonly Place[]): Promise<void> {
  const asked = places.flatMap((place) => {
    const { root, found, owner } = place;
    const lock = found.kind === 'good' && owner === 'elsewhere' ? found.lease.lock : undefined;
    return lock === undefined ? [] : [{ place, file: lockFile(root, lock) }];
  });
  const states = await lockStates(asked.map(({ file }) => file));
  for (const { place, file } of asked) place.isLocked = states.get(file) === 'held';
}

/**
 * Read once more after a death: an owner's last word may have been the name of its agent, or `kept`. Not
 * where we had read that already: it was at work before our first list, and not in that any more.
 */
function lookAtOwner(place: Place, now: Here, before: Pids, lives: Lives): void {
  if (place.found.kind !== 'good') return;
  const { lease, heartbeatAt } = place.found;
  const owner = ownerState(lease, heartbeatAt, now, lives);
  const wasDead =
    canListPids() && !before.pids.has(lease.owner.pid) && Date.parse(lease.createdAt) < before.at - TICK_MS;
  if (owner === 'dead' && !wasDead) place.found = readAgain(place.at, place.id, place.found);
  if (place.found.kind === 'good') place.owner = owner;
}

interface Pids {
  pids: ReadonlySet<number>;
  /** ms since 1970 */
  at: number;
}

const listNow = (): Pids => ({ at: Date.now(), pids: new Set(listPids()) });

type Lives = (owner: ProcessIdentity) => Life;

/**
 * Whoever is not in a list made after its lease was read is dead, unless hidden in it. Asked once of each:
 * thousands of sessions may have one owner.
 */
function livesIn({ pids }: Pids): Lives {
  const known = new Map<string, Life>();
  return (owner) => {
    const name = `${owner.pid} ${owner.startTime}`;
    const isGone = () => canListPids() && !pids.has(owner.pid) && !isPidTaken(owner.pid);
    const answer = known.get(name) ?? (isGone() ? 'dead' : lifeOf(owner));
    known.set(name, answer);
    return answer;
  };
}

function isOwnDirectory(dir: string, uid: number): boolean {
  const stat = attempt(() => fs.lstatSync(dir, { throwIfNoEntry: false }));
  return stat?.isDirectory() === true && (process.platform === 'win32' || stat.uid === uid);
}

/** Where no lease says that we made it, what is in it has to: eight letters are a word, too. */
const hasOnlyOurs = (dir: string): boolean => quietly(() => areAll(dir, isSessionEntry)) === true;

const TICK_MS = 1_000;
