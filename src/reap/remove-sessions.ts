// Removes sessions that a person names. One in use is refused; with `force` its members are ended first, but
// never those that only use it or are spared.
import type { EndedProcess } from '../end/end-members.js';
import { type Release, removeEnded } from '../end/release.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import type { SessionState } from '../judge/judge.js';
import { closedSessions, rootsToLookIn } from '../judge/session-dirs.js';
import { policyOf } from '../options.js';
import { writeNews } from '../receipt/log.js';
import { sessionReceipt } from '../receipt/receipt.js';
import { namesOf } from '../receipt/words.js';
import type { Failure } from '../remove/failure.js';
import type { KeptWork } from '../work/kept-work.js';
import { letGo, releaseCandidates } from './release-candidate.js';

export interface RemoveRequest {
  ids: readonly string[];
  root?: string | undefined;
  /** Those that are in another state by now stay. Default: what each state allows. */
  only?: readonly SessionState[] | undefined;
  /** End living sessions first. */
  force?: boolean;
  env?: NodeJS.ProcessEnv;
}

export interface RemoveReport {
  version: 1;
  removed: string[];
  /** Processes that were ended. */
  ended: EndedProcess[];
  /** Worktrees and repositories that went with them. */
  work: KeptWork[];
  kept: { id: string; state: SessionState; reason: string }[];
  failed: Failure[];
}

/** Removes the sessions `ids`. */
export async function removeSessions({
  ids,
  root,
  only,
  force = false,
  env = process.env,
}: RemoveRequest): Promise<RemoveReport> {
  const roots = await rootsToLookIn(env, root);
  const found = await candidates({
    ...policyOf(env), // the verdict that `list` shows
    roots,
    endsKeepers: true,
    wants: ({ id }) => ids.includes(id),
  });
  const report: RemoveReport = { version: 1, removed: [], ended: [], work: [], kept: [], failed: [] };
  const closed = closedSessions(roots);
  const named: Candidate[] = [];
  for (const id of new Set(ids)) {
    const candidate = found.find((one) => one.id === id);
    const shut = closed.find((one) => one.id === id);
    if (candidate && (only?.includes(candidate.state) ?? true)) named.push(candidate);
    else if (candidate) report.kept.push({ id, state: candidate.state, reason: candidate.reason });
    else if (shut) report.failed.push(...shut.failed);
    else {
      const reason = `no such session in ${roots.join(', ') || 'any root'}`;
      report.failed.push({ path: id, reason, hint: 'qw-tmp list' });
    }
  }
  const ends = force ? releaseCandidates(named, AS_ASKED) : removeUnused(named, report);
  for await (const { candidate, end } of ends) {
    addTo(report, candidate.id, end);
    // No receipt where it was refused and nobody was ended.
    const isNothing = end.ended.length === 0 && (end.state === 'held' || end.isGone);
    if (!isNothing) await writeNews([sessionReceipt('rm', { session: candidate, end })], env);
  }
  return report;
}

/** Not what somebody uses, or owns. */
async function* removeUnused(
  named: readonly Candidate[],
  { kept }: RemoveReport,
): AsyncGenerator<{ candidate: Candidate; end: End }> {
  for (const candidate of named) {
    const { id, state, reason, remaining, releaseOptions } = candidate;
    if (remaining.length > 0) kept.push({ id, state, reason: `in use by ${namesOf(remaining)}` });
    else if (!REMOVABLE.has(state)) kept.push({ id, state, reason });
    else {
      const end = await removeEnded({ ...releaseOptions, work: AS_ASKED.work });
      if (end.state === 'removed') await letGo(candidate);
      yield { candidate, end: { ended: [], ...end } };
    }
  }
}

type End = Omit<Release, 'runsOn'>;

/** A person wants it removed now. */
const AS_ASKED = { endsSurvivors: true, keep: false, work: 'tell' } as const;

function addTo(report: RemoveReport, id: string, { state, ended, left, failed, work }: End): void {
  report.ended.push(...ended);
  report.work.push(...work); // also where something else stays
  report.failed.push(...failed); // also where it is in use: it may not have come back to its place
  const users = namesOf(left, left.length, ({ why }) => why);
  if (left.length > 0) report.kept.push({ id, state: 'held', reason: `in use by ${users}` });
  if (state === 'removed' && failed.length === 0) report.removed.push(id);
}

const REMOVABLE: ReadonlySet<SessionState> = new Set(['kept', 'orphan']);
