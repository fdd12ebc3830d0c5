// Removes sessions that a person names. One in use is refused; with `force` its members are ended first, but
// never those that only use it or are spared.
import { basename } from 'node:path';
import { isoTime } from '../clock.js';
import type { EndedProcess } from '../end/end-members.js';
import { type Release, removeSession } from '../end/release.js';
import { parseNames, resolveMaxAge } from '../options.js';
import { writeNews } from '../receipt/log.js';
import { sessionReceipt } from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import type { KeptWork } from '../work/kept-work.js';
import { type Candidate, candidates } from './candidates.js';
import type { SessionState } from './judge.js';
import { pressed } from './pass-receipts.js';
import { letGo, releaseCandidates } from './release-candidate.js';
import { closedSessions, rootsToLookIn } from './session-dirs.js';

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
    maxAgeMs: resolveMaxAge(undefined, env), // the verdict that `list` shows
    spare: parseNames(env['QW_SPARE']),
    roots,
    endsKeepers: true,
    wants: (dir) => ids.includes(basename(dir)),
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
    else
      report.failed.push({
        path: id,
        reason: `no such session in ${roots.join(', ') || 'any root'}`,
        hint: 'qw-tmp list',
      });
  }
  if (force)
    for await (const { candidate, end } of releaseCandidates(named, changesFor)) {
      addTo(report, candidate, end);
      await note(candidate, end, env);
    }
  else for (const candidate of named) await removeUnused(candidate, report, env);
  return report;
}

/** Not what somebody uses, or owns. */
async function removeUnused(
  candidate: Candidate,
  report: RemoveReport,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { id, state, reason, remaining, releaseOptions } = candidate;
  if (remaining.length > 0)
    report.kept.push({
      id,
      state,
      reason: `in use by ${remaining.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`,
    });
  else if (!REMOVABLE.has(state)) report.kept.push({ id, state, reason });
  else {
    const end = await removeSession({ ...releaseOptions, ...changesFor(candidate) });
    if (end.state === 'removed') await letGo(candidate);
    addTo(report, candidate, { ended: [], ...end });
    await note(candidate, { ended: [], ...end }, env);
  }
}

/** A person wants it removed now. */
function changesFor({ releaseOptions }: Candidate) {
  const { survivors: _kept, ...lease } = releaseOptions.lease;
  return { lease, keep: false, work: 'tell' } as const;
}

function addTo(
  report: RemoveReport,
  { id }: Candidate,
  { state, ended, left, failed, work }: Pick<Release, 'state' | 'ended' | 'left' | 'failed' | 'work'>,
): void {
  report.ended.push(...ended);
  report.work.push(...work); // also where something else stays
  report.failed.push(...failed); // also where it is in use: it may not have come back to its place
  if (left.length > 0)
    report.kept.push({
      id,
      state: 'held',
      reason: `in use by ${left.map(({ name, pid, why }) => `${name} (${pid}, ${why})`).join(', ')}`,
    });
  if (state === 'removed' && failed.length === 0) report.removed.push(id);
}

/** No receipt where it was refused and nobody was ended. */
async function note(
  candidate: Candidate,
  end: Omit<Release, 'runsOn'>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (end.ended.length === 0 && (end.state === 'held' || end.isGone)) return;
  const { id, root, dir, found } = candidate;
  const lease = found.kind === 'good' ? found.lease : undefined;
  const whole = { ...end, ...pressed(candidate) };
  const at = isoTime(Date.now());
  await writeNews([sessionReceipt({ by: 'rm', at, root, dir, id, lease, end: whole })], env);
}

const REMOVABLE: ReadonlySet<SessionState> = new Set(['kept', 'orphan']);
