// The part of a pass that removes whole sessions: the orphans, and with `--orphans end` those whose owner is dead while its
// agent, or what that left, is not. A dry run tells what a run would do.
import { mountFailures } from '../remove/remove-tree.js';
import { readMounts } from '../root/mounts.js';
import type { Candidate } from './candidates.js';
import type { ReapInput } from './reap-input.js';
import type { Count, ReapReport } from './reap-report.js';
import { isWaitedFor, keepWhatWaits, releaseCandidate } from './release-candidate.js';
import { removeOrphans } from './remove-orphans.js';
import { sizeOf } from './size-of.js';

/** Removes those of `found` that nobody owns or uses, or in a dry run tells which; the others are kept. */
export async function reapOrphans(
  found: readonly Candidate[],
  { isDryRun, orphans, limit = Infinity }: ReapInput,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const ended = new Set(orphans === 'end' ? found.filter(isEndable) : []);
  const goers = new Set(found.filter(({ state }) => state === 'orphan').slice(0, limit));
  for (const candidate of found) {
    const { id, state, reason } = candidate;
    if (!goers.has(candidate) && !ended.has(candidate)) report.kept.push({ id, state, reason });
  }
  if (isDryRun) return tellOrphans(goers, ended, report, count);
  await keepWhatWaits(found, report);
  for (const candidate of ended) await endOrphan(candidate, report, count);
  const { restored, failed } = await removeOrphans([...goers], (removed) => {
    report.removed.push(removed);
    count(removed);
  });
  report.failed.push(...failed);
  report.kept.push(...restored.map(({ id }) => ({ id, state: 'held' as const, reason: 'in-use' })));
}

/** Row 5 of the table, with an owner that is known to be dead. An agent without proof that it is a member is never ended. */
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
    const { bytes, entries } = await sizeOf(dir);
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
async function endOrphan(candidate: Candidate, report: ReapReport, count: Count): Promise<void> {
  const { id, root, dir, releaseOptions } = candidate;
  const { survivors: _kept, ...lease } = releaseOptions.lease;
  const { bytes, entries } = await sizeOf(dir);
  const { state, failed, left } = await releaseCandidate(candidate, { lease });
  report.failed.push(...failed);
  if (state === 'removed') {
    report.removed.push({ id, root, reason: MEMBERS_ENDED, bytes, entries });
    count({ bytes, entries });
  }
  if (state === 'kept') report.kept.push({ id, state, reason: 'kept-on-request' });
  else if (left.length > 0) report.kept.push({ id, state: 'held', reason: 'in-use' });
}

const MEMBERS_ENDED = 'members-ended';
