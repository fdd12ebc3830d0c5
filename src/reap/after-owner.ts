// What the watchdog runs when its owner died: the owner's sessions, each ended if its end had begun or its
// agent is gone, left alone while its agent lives.
import { setTimeout as pause } from 'node:timers/promises';
import { fs } from '../fs.js';
import { type FoundLease, writeLease } from '../lease/lease-file.js';
import { DEFAULT_MAX_AGE_MS, resolveWork } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { identify, lifeOf, ownRealm } from '../process/identity.js';
import { removeLock } from '../process/lock.js';
import { checkRoot } from '../root/guard.js';
import { lockFile, lockName } from '../root/layout.js';
import { type Candidate, candidates } from './candidates.js';
import { finishSessions } from './finish-dead.js';
import { isWaitedFor, releaseCandidate } from './release-candidate.js';

export interface DeadOwner {
  pid: number;
  startTime: number;
  bootId: string;
}

export interface AfterOwnerOptions {
  owner: DeadOwner;
  /** The session announced last: ours even without a lease. */
  lastDir: string;
  roots: readonly string[];
}

/** Ends and removes what can be; true when some session is still in use and has to be looked at again. */
export async function afterOwner({ owner, lastDir, roots }: AfterOwnerOptions): Promise<boolean> {
  const isDead = await untilDead(owner);
  await askMounts(roots);
  const safeRoots = roots.flatMap((root) => safe(root));
  const found = await candidates({
    roots: safeRoots,
    maxAgeMs: DEFAULT_MAX_AGE_MS,
    spare: [],
    endsHolders: true,
    wants: (dir, lease) => isOwners(lease, owner) || (lease.kind === 'none' && dir === lastDir),
    lastSeenAt: Date.now(),
  });
  let isAnyLeft = false;
  for (const candidate of found) isAnyLeft = (await finish(candidate, isDead)) || isAnyLeft;
  await finishLeft(safeRoots);
  const lock = lockName({ ...owner, ...ownRealm() });
  if (!isAnyLeft) for (const root of safeRoots) removeLock(lockFile(root, lock));
  return isAnyLeft;
}

/** Removes claims that nobody has in hand. */
export async function finishLeft(roots: readonly string[]): Promise<void> {
  const policy = { maxAgeMs: DEFAULT_MAX_AGE_MS, spare: [], work: resolveWork(process.env) };
  await finishSessions(roots.flatMap(safe), policy);
}

/** True when the session is still there. */
async function finish(candidate: Candidate, isOwnerDead: boolean): Promise<boolean> {
  const { state, reason, found, dir } = candidate;
  if (state === 'kept' && isMarked(found)) return false;
  // The pipe's end overtook the owner's death: look again. Procfs may hide that owner.
  if (state === 'live' || state === 'foreign') return state === 'live' || !isOwnerDead;
  // Without procfs survivors cannot be found: the reaper goes by age.
  if (reason === 'processes-unseen') return false;
  const hasBegun = found.kind === 'good' && found.lease.ending !== undefined;
  if (reason === 'agent-alive' && !hasBegun) return true;
  const isUnnamed = found.kind === 'good' && found.lease.agent === undefined && !hasBegun;
  if (state === 'held' && isUnnamed) return nameAgent(candidate);
  if (isWaitedFor(candidate)) return true;
  const end = await releaseCandidate(candidate, { work: resolveWork(process.env) });
  return end.state !== 'kept' && fs.existsSync(dir);
}

const isMarked = (found: FoundLease): boolean => found.kind === 'good' && found.lease.kept !== undefined;

/**
 * An owner that died between starting the agent and naming it. Whoever is there may be the agent; it came
 * first, so the oldest is taken for it. Was it dead already, we wait for one of its survivors: longer than
 * needed, but nothing in use is ended.
 */
function nameAgent({ dir, found, remaining }: Candidate): true {
  const [oldest] = remaining
    .filter(({ why }) => why === 'member' || why === 'spared')
    .flatMap(({ pid }) => identify(pid) ?? [])
    .sort((a, b) => a.startTime - b.startTime);
  try {
    if (oldest && found.kind === 'good') writeLease(dir, { ...found.lease, agent: oldest });
  } catch {
    // no space: the next look tries again
  }
  return true;
}

/** The kernel closes a dying process's pipes before it is gone. False when it does not go. */
async function untilDead(owner: DeadOwner): Promise<boolean> {
  const isDead = () => lifeOf(owner) === 'dead';
  for (let waitMs = 1; !isDead() && waitMs < 1_000; waitMs *= 2) await pause(waitMs);
  return isDead();
}

const isOwners = (found: FoundLease, { pid, startTime, bootId }: DeadOwner): boolean => {
  if (found.kind !== 'good') return false;
  const { owner } = found.lease;
  return owner.pid === pid && owner.startTime === startTime && owner.bootId === bootId;
};

function safe(root: string): string[] {
  try {
    return [checkRoot(root)];
  } catch {
    return [];
  }
}
