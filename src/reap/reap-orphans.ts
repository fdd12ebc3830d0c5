// The part of a pass that removes whole sessions: the orphans, and with `--orphans end` those whose owner is
// dead while the agent or its survivors live. A dry run says what a run would do.
import type { Candidate } from '../judge/candidates.js';
import { reasonOf, type SessionEnd } from '../receipt/receipt.js';
import { type Failure, mountFailures } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { STOPPED } from '../take/finish.js';
import { type Taken, WORKTREE } from '../take/taken.js';
import { sizeOf } from '../tree/measure.js';
import type { Size } from '../tree/reclaimable.js';
import { asKeptWork } from '../work/kept-work.js';
import type { ReapInput } from './reap-options.js';
import type { ReapReport, Tally } from './reap-report.js';
import { isWaitedFor, releaseCandidates } from './release-candidate.js';
import { takeSessions } from './take-sessions.js';

/** Removes those of `found` that nobody owns or uses, or in a dry run lists them; the others are kept. */
export async function reapOrphans(found: readonly Candidate[], input: ReapInput, sum: Tally): Promise<void> {
  const { isDryRun, orphans, limit = Infinity, isWanted } = input;
  const endable = new Set(orphans === 'end' ? found.filter(isEndable) : []);
  const goers = new Set(found.filter(({ state }) => state === 'orphan').slice(0, limit));
  const staying = new Map<Candidate, Failure[]>();
  const stay = (candidate: Candidate) => {
    sum.report.kept.push(keptEntry(candidate));
    staying.set(candidate, []);
  };
  for (const candidate of found) if (!goers.has(candidate) && !endable.has(candidate)) stay(candidate);
  if (isDryRun) return listOrphans(goers, endable, sum);
  // What nobody copied out of memory, since the watchdog was killed too.
  const waiting = [...staying.keys()].filter(isToBeCopied);
  for await (const { candidate, end } of releaseCandidates(waiting)) staying.set(candidate, end.failed);
  if (isWanted?.() === false) endable.forEach(stay);
  else await endOrphans([...endable], input, sum);
  // A session with work in it stays; what is beside that goes, whoever died over it before.
  const worked = [...staying.keys()].filter(({ state, work }) => state === 'kept' && work.length > 0);
  for (const { candidate, taken, outcome } of await takeSessions([...goers, ...worked], input)) {
    const { failed } = taken;
    if (taken.outcome !== 'removed' && staying.has(candidate)) staying.set(candidate, failed);
    else if (taken.outcome === 'used' || taken.outcome === 'work') {
      const now = { ...candidate, ...whyNow(taken) };
      stay(now);
      staying.set(now, failed);
    } else {
      staying.delete(candidate);
      sum.add(outcome ? [outcome] : []);
    }
  }
  for (const [candidate, failed] of staying) sum.add(outcomesOf(candidate, failed));
}

const isToBeCopied = ({ state, releaseOptions }: Candidate): boolean =>
  state === 'kept' && releaseOptions.copyOut !== undefined;

/** Why an orphan stays. Where removal was stopped, nobody looked whether it is in use. */
function whyNow({ outcome, reason = '', work }: Taken): Pick<Candidate, 'state' | 'reason' | 'work'> {
  if (outcome === 'work') return { state: 'kept', reason: WORKTREE, work };
  return { state: reason === STOPPED ? 'orphan' : 'held', reason, work: [] };
}

const keptEntry = ({ id, state, reason, work }: Candidate): ReapReport['kept'][number] => ({
  ...{ id, state, reason },
  ...(work.length > 0 && { work: work.map(asKeptWork) }),
});

/** Of one that stays: none where its owner may live, or nobody knows. */
function outcomesOf(session: Candidate, failed: Failure[]): SessionEnd[] {
  const { state, reason, remaining: left } = session;
  const work = session.work.map(asKeptWork);
  if (state === 'held' || state === 'kept')
    return [{ session, end: { state, left, work, failed }, more: { reason } }];
  return failed.length > 0 ? [{ session, end: { state: 'failed', left, failed } }] : [];
}

/**
 * Row 5 of the table, with an owner that is known to be dead. An agent without proof that it is a member is
 * never ended, nor anything where somebody unseen may use the session.
 */
function isEndable(candidate: Candidate): boolean {
  const { state, reason, found, remaining, mayHaveMore } = candidate;
  if (state !== 'held' || !found.lease || mayHaveMore || isWaitedFor(candidate)) return false;
  const { agent } = found.lease;
  return reason !== 'agent-alive' || remaining.some(({ pid, why }) => why === 'member' && pid === agent?.pid);
}

/** The dry run: what would be removed, and what mounts and users would keep. */
async function listOrphans(
  goers: Iterable<Candidate>,
  endable: Iterable<Candidate>,
  { report, add }: Tally,
): Promise<void> {
  const mounts = readMounts();
  const list = async (session: Candidate, reason: string) => {
    const mounted = mountFailures(session.dir, mounts);
    report.failed.push(...mounted);
    if (mounted.length > 0) return;
    add([{ session, end: { state: 'removed' }, more: { reason, ...(await sizeOf(session.dir)) } }]);
  };
  for (const candidate of endable) {
    if (candidate.remaining.every(({ why }) => why === 'member')) await list(candidate, MEMBERS_ENDED);
    else report.kept.push({ id: candidate.id, state: 'held', reason: 'in-use' });
  }
  for (const candidate of goers) await list(candidate, candidate.reason);
}

/** `--orphans end`: members first, those of all under one grace period. */
async function endOrphans(
  orphans: readonly Candidate[],
  { work }: ReapInput,
  { report, add }: Tally,
): Promise<void> {
  const sizes = new Map<Candidate, Size>();
  for (const orphan of orphans) sizes.set(orphan, await sizeOf(orphan.dir));
  for await (const { candidate, end } of releaseCandidates(orphans, { endsSurvivors: true, work })) {
    const { state, isGone, left, work: there } = end;
    const more = state === 'removed' && !isGone ? { reason: MEMBERS_ENDED, ...sizes.get(candidate) } : {};
    add([{ session: candidate, end, more }]);
    if (state !== 'kept' && (state !== 'held' || left.length === 0)) continue;
    const reason = reasonOf(end) ?? '';
    report.kept.push({ id: candidate.id, state, reason, ...(there.length > 0 && { work: there }) });
  }
}

const MEMBERS_ENDED = 'members-ended';
