// The part of a pass that removes whole sessions: the orphans, and with `--orphans end` those whose owner is
// dead while the agent or its survivors live. A dry run says what a run would do.
import type { Release } from '../end/release.js';
import type { Candidate } from '../judge/candidates.js';
import type { SessionState } from '../judge/judge.js';
import { mountFailures } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { STOPPED } from '../take/finish.js';
import { sizeOf } from '../tree/measure.js';
import { asKeptWork } from '../work/kept-work.js';
import type { ReapInput } from './reap-options.js';
import type { ReapReport, Tally } from './reap-report.js';
import { isWaitedFor, releaseCandidates, withoutSurvivors } from './release-candidate.js';
import { NO_SIZE, takeSessions } from './take-sessions.js';

/** Removes those of `found` that nobody owns or uses, or in a dry run lists them; the others are kept. */
export async function reapOrphans(found: readonly Candidate[], input: ReapInput, sum: Tally): Promise<void> {
  const { report } = sum;
  const { isDryRun, orphans, limit = Infinity } = input;
  const ended = new Set(orphans === 'end' ? found.filter(isEndable) : []);
  const goers = new Set(found.filter(({ state }) => state === 'orphan').slice(0, limit));
  for (const candidate of found)
    if (!goers.has(candidate) && !ended.has(candidate)) report.kept.push(keptEntry(candidate));
  if (isDryRun) return listOrphans(goers, ended, sum);
  await keepWhatWaits(found, sum);
  if (input.isWanted?.() === false) report.kept.push(...[...ended].map(keptEntry));
  else await endOrphans([...ended], input, sum);
  // A session with work in it stays; what is beside that goes, whoever died over it before.
  const worked = found.filter(({ state, work }) => state === 'kept' && work.length > 0);
  const { removed, stayed, failed } = await takeSessions([...goers, ...worked], input);
  sum.addRemoved(removed);
  report.failed.push(...failed);
  for (const { candidate, reason } of stayed)
    if (goers.has(candidate)) report.kept.push({ id: candidate.id, state: stateFor(reason), reason });
}

/** Nobody looked whether it is in use. */
const stateFor = (reason: string): SessionState => (reason === STOPPED ? 'orphan' : 'held');

const keptEntry = ({ id, state, reason, work }: Candidate): ReapReport['kept'][number] => ({
  ...{ id, state, reason },
  ...(work.length > 0 && { work: work.map(asKeptWork) }),
});

/**
 * Row 5 of the table, with an owner that is known to be dead. An agent without proof that it is a member is
 * never ended.
 */
function isEndable(candidate: Candidate): boolean {
  const { state, reason, found, remaining } = candidate;
  if (state !== 'held' || !found.lease || isWaitedFor(candidate)) return false;
  const { agent } = found.lease;
  return reason !== 'agent-alive' || remaining.some(({ pid, why }) => why === 'member' && pid === agent?.pid);
}

/** The dry run: what would be removed, and what mounts and users would keep. */
async function listOrphans(
  goers: Iterable<Candidate>,
  ended: Iterable<Candidate>,
  { report, addRemoved }: Tally,
): Promise<void> {
  const mounts = readMounts();
  const list = async ({ id, root, dir }: Candidate, reason: string) => {
    const mounted = mountFailures(dir, mounts);
    report.failed.push(...mounted);
    if (mounted.length === 0) addRemoved([{ id, root, reason, ...(await sizeOf(dir)) }]);
  };
  for (const candidate of ended) {
    if (candidate.remaining.every(({ why }) => why === 'member')) await list(candidate, MEMBERS_ENDED);
    else report.kept.push({ id: candidate.id, state: 'held', reason: 'in-use' });
  }
  for (const candidate of goers) await list(candidate, candidate.reason);
}

/** What nobody copied out of memory, since the watchdog was killed too. */
async function keepWhatWaits(found: readonly Candidate[], { report }: Tally): Promise<void> {
  const waiting = found.filter(({ state, releaseOptions }) => state === 'kept' && releaseOptions.copyOut);
  for await (const { end } of releaseCandidates(waiting, () => ({}))) report.failed.push(...end.failed);
}

/** `--orphans end`: members first, those of all under one grace period. */
async function endOrphans(
  orphans: readonly Candidate[],
  { work }: ReapInput,
  { report, addRemoved }: Tally,
): Promise<void> {
  const sizes = new Map<Candidate, { bytes: number; entries: number }>();
  for (const orphan of orphans) sizes.set(orphan, await sizeOf(orphan.dir));
  const changesFor = (one: Candidate) => ({ lease: withoutSurvivors(one), work });
  for await (const { candidate, end } of releaseCandidates(orphans, changesFor)) {
    const { id, root } = candidate;
    report.ended.push(...end.ended.map((process) => ({ id, ...process })));
    report.failed.push(...end.failed);
    const size = sizes.get(candidate) ?? NO_SIZE;
    const went = end.repositories && { repositories: end.repositories };
    if (end.state === 'removed' && !end.isGone)
      addRemoved([{ id, root, reason: MEMBERS_ENDED, ...size, ...went }]);
    report.kept.push(...keptAfter(candidate, end));
  }
}

function keptAfter({ id }: Candidate, { state, left, work }: Release): ReapReport['kept'] {
  if (state === 'kept' && work.length > 0) return [{ id, state, reason: 'worktree', work }];
  if (state === 'kept') return [{ id, state, reason: 'kept-on-request' }];
  return state !== 'removed' && left.length > 0 ? [{ id, state: 'held', reason: 'in-use' }] : [];
}

const MEMBERS_ENDED = 'members-ended';
