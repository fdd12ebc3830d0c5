// What the watchdog runs when its owner died: the owner's sessions, each ended if its end had begun or its
// agent is gone or its terminal has hung up, left alone while its agent lives.
import { setTimeout as pause } from 'node:timers/promises';
import { isoTime } from '../clock.js';
import { fs } from '../fs.js';
import { type FoundLease, writeLease } from '../lease/lease-file.js';
import { DEFAULT_MAX_AGE_MS, resolveWork } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { identify, lifeOf, ownRealm } from '../process/identity.js';
import { removeLock } from '../process/lock.js';
import { writeNews } from '../receipt/log.js';
import { type SessionEnd, sessionReceipt } from '../receipt/receipt.js';
import { checkRoot } from '../root/guard.js';
import { lockFile, lockName } from '../root/layout.js';
import { asAttached, graceOf, isExec } from './as-attached.js';
import { type Candidate, candidates } from './candidates.js';
import { finishSessions } from './finish-dead.js';
import { withoutTerminal } from './lost-terminal.js';
import { pressed, sessionReceipts } from './pass-receipts.js';
import { isWaitedFor, releaseCandidates } from './release-candidate.js';

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

/** Ends and removes what may go; true when a session is still in use, and the watchdog has to call again. */
export async function afterOwner({ owner, lastDir, roots }: AfterOwnerOptions): Promise<boolean> {
  const isDead = await untilDead(owner);
  await askMounts(roots);
  const safeRoots = roots.flatMap((root) => safe(root));
  const found = await candidates({
    roots: safeRoots,
    maxAgeMs: DEFAULT_MAX_AGE_MS,
    spare: [],
    endsKeepers: true,
    wants: (dir, lease) => isOwners(lease, owner) || (lease.kind === 'none' && dir === lastDir),
    lastSeenAt: Date.now(),
  });
  const hungUp = isDead ? await withoutTerminal(found) : new Set<Candidate>();
  const turns = found.map((candidate) => ({
    candidate,
    turn: turnOf(candidate, isDead, hungUp.has(candidate)),
  }));
  let isAnyLeft = turns.some(({ turn }) => turn === 'later');
  const due = turns.flatMap(({ candidate, turn }) => (turn === 'now' ? [candidate] : []));
  const choice = { work: resolveWork(process.env), ...graceOf(process.env) };
  const words = new Map<Candidate, Awaited<ReturnType<typeof asAttached>>>();
  for (const one of due) words.set(one, await asAttached(one, process.env));
  for (const { candidate, turn } of turns) if (turn === 'later') await noteWaiting(candidate);
  for await (const { candidate, end } of releaseCandidates(due, () => choice)) {
    isAnyLeft = (end.state !== 'kept' && fs.existsSync(candidate.dir)) || isAnyLeft;
    if (end.isGone) continue;
    await note(candidate, { ...words.get(candidate), ...end }, { reason: whyEnded(candidate, end) });
  }
  await finishLeft(safeRoots);
  const lock = lockName({ ...owner, ...ownRealm() });
  if (!isAnyLeft) for (const root of safeRoots) removeLock(lockFile(root, lock));
  return isAnyLeft;
}

/** Removes claims that nobody has in hand. */
export async function finishLeft(roots: readonly string[]): Promise<void> {
  const policy = { maxAgeMs: DEFAULT_MAX_AGE_MS, spare: [], work: resolveWork(process.env) };
  const { removed, found, failed } = await finishSessions(roots.flatMap(safe), policy);
  const receipts = sessionReceipts({ removed, ended: [], kept: [], failed }, found);
  await writeNews(
    receipts.map((receipt) => ({ ...receipt, by: 'watchdog' as const })),
    process.env,
  );
}

/** `later`: it stays, and is looked at again. `never`: it stays, and nobody waits for it. */
function turnOf(candidate: Candidate, isOwnerDead: boolean, isHungUp: boolean): 'now' | 'later' | 'never' {
  const { state, reason, found } = candidate;
  if (state === 'kept' && isMarked(found)) return 'never';
  // The pipe may end before the owner is dead: look again. Procfs may hide that owner.
  if (state === 'live' || state === 'foreign') return state === 'live' || !isOwnerDead ? 'later' : 'never';
  // Without procfs survivors cannot be found: the reaper goes by age.
  if (reason === 'processes-unseen') return 'never';
  const hasBegun = found.kind === 'good' && found.lease.ending !== undefined;
  if (reason === 'agent-alive' && !hasBegun && !isHungUp) return 'later';
  const isUnnamed = found.kind === 'good' && found.lease.agent === undefined && !hasBegun;
  if (state === 'held' && isUnnamed) nameAgent(candidate);
  return (state === 'held' && isUnnamed) || isWaitedFor(candidate) ? 'later' : 'now';
}

/** Its owner is dead, and somebody lives in it. */
const noteWaiting = async (candidate: Candidate): Promise<void> => {
  const { state, reason, remaining: left } = candidate;
  if (state === 'held') await note(candidate, { state, left }, { reason });
};

/** Writes a receipt: nobody else was there to report it. */
async function note(candidate: Candidate, its: SessionEnd['end'], more: SessionEnd['more']): Promise<void> {
  const { id, root, dir, found } = candidate;
  const end = { ...its, ...pressed(candidate) };
  const lease = found.kind === 'good' ? found.lease : undefined;
  const at = isoTime(Date.now());
  await writeNews([sessionReceipt({ by: 'watchdog', at, root, dir, id, lease, end, more })], process.env);
}

/**
 * Why it was removed: its owner had begun the end, or was killed before. An agent that was its own owner just
 * ended.
 */
function whyEnded({ found }: Candidate, { state }: SessionEnd['end']): string | undefined {
  if (state !== 'removed' || (found.kind === 'good' && isExec(found.lease))) return undefined;
  return found.kind === 'good' && found.lease.ending !== undefined ? 'end-begun' : 'owner-dead';
}

const isMarked = (found: FoundLease): boolean => found.kind === 'good' && found.lease.kept !== undefined;

/**
 * Names an agent where the owner died between starting it and naming it. The agent came first, so the oldest
 * member is taken for it. If the agent was dead already, that is a survivor, and we wait longer than needed;
 * but nothing in use is ended.
 */
function nameAgent({ dir, found, remaining }: Candidate): void {
  const [oldest] = remaining
    .filter(({ why }) => why === 'member')
    .flatMap(({ pid }) => identify(pid) ?? [])
    .sort((a, b) => a.startTime - b.startTime);
  try {
    if (oldest && found.kind === 'good') writeLease(dir, { ...found.lease, agent: oldest });
  } catch {
    // no space: the next look tries again
  }
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
