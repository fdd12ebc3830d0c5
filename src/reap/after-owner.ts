// What the watchdog runs when its owner died: the owner's sessions, each ended if its end had begun or its
// agent is gone or its terminal has hung up, left alone while its agent lives.
import { isoTime, untilDone } from '../clock.js';
import type { EndReport } from '../end/end-report.js';
import type { Release } from '../end/release.js';
import { fs } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import type { Lease, Owner } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { DEFAULT_MAX_AGE_MS, parseDuration, resolveWork } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { identify, lifeOf, ownRealm } from '../process/identity.js';
import { removeLock } from '../process/lock.js';
import { writeNews } from '../receipt/log.js';
import { type SessionEnd, sessionReceipt } from '../receipt/receipt.js';
import { lockFile, lockName, tmpDir } from '../root/layout.js';
import { safeRoots } from '../root/roots.js';
import { podmanWarnings } from '../session/podman.js';
import { fullNow } from '../space/probe.js';
import { largest } from '../tree/largest.js';
import { finishSessions } from './finish-dead.js';
import { withoutTerminal } from './lost-terminal.js';
import { isWaitedFor, releaseCandidates } from './release-candidate.js';

type DeadOwner = Pick<Owner, 'pid' | 'startTime' | 'bootId'>;

export interface AfterOwnerOptions {
  owner: DeadOwner;
  /** The session announced last: ours even without a lease. */
  lastDir: string;
  roots: readonly string[];
}

/** Ends and removes what may go; true when a session is still in use, and the watchdog has to call again. */
export async function afterOwner({ owner, lastDir, roots }: AfterOwnerOptions): Promise<boolean> {
  // The kernel closes a dying process's pipes before it is gone.
  const isDead = await untilDone(() => lifeOf(owner) === 'dead', 1_000);
  await askMounts(roots);
  const safe = safeRoots(roots);
  const found = await candidates({
    roots: safe,
    maxAgeMs: DEFAULT_MAX_AGE_MS,
    spare: [],
    isOwn: true,
    endsKeepers: true,
    wants: ({ dir, found: { kind, lease } }) =>
      lease ? isOwners(lease, owner) : kind === 'none' && dir === lastDir,
    lastSeenAt: Date.now(),
  });
  const hungUp = isDead ? await withoutTerminal(found) : new Set<Candidate>();
  const turns = new Map(found.map((one) => [one, turnOf(one, isDead, hungUp.has(one))]));
  const withTurn = (turn: Turn) => found.filter((one) => turns.get(one) === turn);
  const [due, later] = [withTurn('now'), withTurn('later')];
  let isAnyLeft = later.length > 0;
  const words = new Map<Candidate, Words>();
  for (const one of due) words.set(one, await asAttached(one));
  for (const one of later) {
    if (isUnnamed(one)) nameAgent(one);
    await noteWaiting(one);
  }
  const { QW_GRACE } = process.env;
  const graceMs = QW_GRACE ? parseDuration('QW_GRACE', QW_GRACE) : undefined;
  const choices = { work: resolveWork(process.env), graceMs };
  for await (const { candidate, end } of releaseCandidates(due, choices)) {
    isAnyLeft = (end.state !== 'kept' && fs.existsSync(candidate.dir)) || isAnyLeft;
    if (end.isGone) continue;
    const reason = whyEnded(candidate, end);
    await note({ session: candidate, end: { ...words.get(candidate), ...end }, more: { reason } });
  }
  await finishLeft(safe);
  const lock = lockName({ ...owner, ...ownRealm() });
  if (!isAnyLeft) for (const root of safe) removeLock(lockFile(root, lock));
  return isAnyLeft;
}

/** Removes claims that nobody has in hand. */
export async function finishLeft(roots: readonly string[]): Promise<void> {
  const policy = { maxAgeMs: DEFAULT_MAX_AGE_MS, spare: [], work: resolveWork(process.env) };
  const outcomes = await finishSessions(safeRoots(roots), policy);
  await writeNews(outcomes.map(asReceipt), process.env);
}

/** `later`: it stays, and is looked at again. `never`: it stays, and nobody waits for it. */
type Turn = 'now' | 'later' | 'never';

function turnOf(candidate: Candidate, isOwnerDead: boolean, isHungUp: boolean): Turn {
  const { state, reason } = candidate;
  const { lease } = candidate.found;
  if (state === 'kept' && lease?.kept) return 'never';
  // The pipe may end before the owner is dead: look again. Procfs may hide that owner.
  if (state === 'live' || state === 'foreign') return state === 'live' || !isOwnerDead ? 'later' : 'never';
  // Without procfs survivors cannot be found: the reaper goes by age.
  if (reason === 'processes-unseen') return 'never';
  const hasBegun = lease?.ending !== undefined;
  if (reason === 'agent-alive' && !hasBegun && !isHungUp) return 'later';
  return isUnnamed(candidate) || isWaitedFor(candidate) ? 'later' : 'now';
}

const isUnnamed = ({ state, found: { lease } }: Candidate): boolean =>
  state === 'held' && lease !== undefined && !lease.agent && lease.ending === undefined;

/** Its owner is dead, and somebody lives in it. */
async function noteWaiting(candidate: Candidate): Promise<void> {
  const { state, reason, remaining: left } = candidate;
  if (state === 'held') await note({ session: candidate, end: { state, left }, more: { reason } });
}

/** Writes a receipt: nobody else was there to report it. */
const note = (outcome: SessionEnd) => writeNews([asReceipt(outcome)], process.env);
const asReceipt = (outcome: SessionEnd) => sessionReceipt('watchdog', outcome);

type Words = Partial<Pick<EndReport, 'lastPressure' | 'largest' | 'warnings'>>;

/**
 * What an owner that stays prints when its agent has ended: for the receipt, where an agent in exec mode was
 * its own owner and nobody of us was there. To be asked before anything is freed.
 */
async function asAttached({ dir, found: { lease }, lastPressure }: Candidate): Promise<Words> {
  if (!lease || !isExec(lease)) return {};
  const tmpdir = tmpDir(dir);
  const code = lease.isolate || lastPressure ? undefined : fullNow(dir);
  const noted = lastPressure ?? (code && { code, at: isoTime(Date.now()) });
  const { HOME: home, qw_exec_warnings: atStart } = process.env;
  const podman = lease.isolate ? [] : podmanWarnings({ tmpdir, contents: tmpdir, home });
  const warnings = [...(atStart?.split('|') ?? []), ...podman];
  return {
    ...(noted && { lastPressure: noted, largest: await largest(tmpdir) }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/**
 * Why it was removed: its owner had begun the end, or was killed before. An agent that was its own owner just
 * ended.
 */
function whyEnded({ found: { lease } }: Candidate, { state }: Release): string | undefined {
  if (state !== 'removed' || (lease && isExec(lease))) return undefined;
  return lease?.ending !== undefined ? 'end-begun' : 'owner-dead';
}

/** An agent that is its own owner. */
const isExec = ({ owner, agent }: Lease): boolean =>
  agent?.pid === owner.pid && agent.startTime === owner.startTime;

/**
 * Names an agent where the owner died between starting it and naming it. The agent came first, so the oldest
 * member is taken for it. If the agent was dead already, that is a survivor, and we wait longer than needed;
 * but nothing in use is ended.
 */
function nameAgent({ dir, remaining, releaseOptions: { lease } }: Candidate): void {
  const [oldest] = remaining
    .filter(({ why }) => why === 'member')
    .flatMap(({ pid }) => identify(pid) ?? [])
    .sort((a, b) => a.startTime - b.startTime);
  try {
    if (oldest) writeLease(dir, { ...lease, agent: oldest });
  } catch {
    // no space: the next look tries again
  }
}

const isOwners = ({ owner }: Lease, { pid, startTime, bootId }: DeadOwner): boolean =>
  owner.pid === pid && owner.startTime === startTime && owner.bootId === bootId;
