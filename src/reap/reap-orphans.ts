// The part of a pass that removes whole sessions: the orphans, and with `--orphans end` those whose owner is
// dead while its agent, or what that left, is not. A dry run tells what a run would do.
import { mountFailures } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { measure } from '../tree/measure.js';
import { asKeptWork } from '../work/kept-work.js';
import type { Candidate } from './candidates.js';
import type { ReapInput } from './reap-input.js';
import type { Count, ReapReport } from './reap-report.js';
import { isWaitedFor, keepWhatWaits, releaseCandidate } from './release-candidate.js';
import { takeSessions } from './take-sessions.js';

/** Removes those of `found` that nobody owns or uses, or in a dry run tells which; the others are kept. */
export async function reapOrphans(
  found: readonly Candidate[],
  input: ReapInput,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const { isDryRun, orphans, limit = Infinity } = input;
  const ended = new Set(orphans === 'end' ? found.filter(isEndable) : []);
  const goers = new Set(found.filter(({ state }) => state === 'orphan').slice(0, limit));
  for (const candidate of found)
    if (!goers.has(candidate) && !ended.has(candidate)) report.kept.push(keptEntry(candidate));
  if (isDryRun) return tellOrphans(goers, ended, report, count);
  await keepWhatWaits(found, report);
  for (const candidate of ended) await endOrphan(candidate, input, report, count);
  // A session with work in it stays; what is beside that goes, whoever died over it before.
  const worked = found.filter(({ state, work }) => state === 'kept' && work.length > 0);
  const { stayed, failed } = await takeSessions([...goers, ...worked], input, (removed) => {
    report.removed.push(removed);
    count(removed);
  });
  report.failed.push(...failed);
  report.kept.push(
    ...stayed
      .filter(({ candidate }) => goers.has(candidate))
      .map(({ candidate: { id }, reason }) => ({ id, state: 'held' as const, reason })),
  );
}

const keptEntry = ({ id, state, reason, work }: Candidate): ReapReport['kept'][number] => ({
  id,
  state,
  reason,
  ...(work.length > 0 ? { work: work.map(asKeptWork) } : {}),
});

/**
 * Row 5 of the table, with an owner that is known to be dead. An agent without proof that it is a member is
 * never ended.
 */
const isEndable = (candidate: Candidate): boolean => {
  const { state, reason, found, remaining } = candidate;
  if (state !== 'held' || found.kind !== 'good' || isWaitedFor(candidate)) return false;
  return (
    reason !== 'agent-alive' ||
    remaining.some(({ pid, why }) => why === 'member' && pid === found.lease.agent?.pid)
  );
};

/** The dry run: what would be removed, and what mounts, spared processes and holders would keep. */
async function tellOrphans(
  goers: Iterable<Candidate>,
  ended: Iterable<Candidate>,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const mounts = readMounts();
  const tell = async ({ id, root, dir }: Candidate, reason: string) => {
    const mounted = mountFailures(dir, mounts);
    report.failed.push(...mounted);
    if (mounted.length > 0) return;
    const { bytes, entries } = await measure(dir);
    report.removed.push({ id, root, reason, bytes, entries });
    count({ bytes, entries });
  };
  for (const candidate of ended) {
    if (candidate.remaining.every(({ why }) => why === 'member')) await tell(candidate, MEMBERS_ENDED);
    else report.kept.push({ id: candidate.id, state: 'held', reason: 'in-use' });
  }
  for (const candidate of goers) await tell(candidate, candidate.reason);
}

/** `--orphans end`: members first. */
async function endOrphan(
  candidate: Candidate,
  { work: choice }: ReapInput,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const { id, root, dir, releaseOptions } = candidate;
  const { survivors: _kept, ...lease } = releaseOptions.lease;
  const { bytes, entries } = await measure(dir);
  const { state, failed, left, work } = await releaseCandidate(candidate, { lease, work: choice });
  report.failed.push(...failed);
  if (state === 'removed') {
    report.removed.push({ id, root, reason: MEMBERS_ENDED, bytes, entries });
    count({ bytes, entries });
  }
  if (state === 'kept' && work.length > 0) report.kept.push({ id, state, reason: 'worktree', work });
  else if (state === 'kept') report.kept.push({ id, state, reason: 'kept-on-request' });
  else if (left.length > 0) report.kept.push({ id, state: 'held', reason: 'in-use' });
}

const MEMBERS_ENDED = 'members-ended';
