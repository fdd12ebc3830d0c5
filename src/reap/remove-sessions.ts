// Removes sessions a person names. What is in use is refused; with `force` its members are ended first, but
// who only holds something there, and who is spared, is never ended.
import { basename } from 'node:path';
import type { EndedProcess } from '../end/end-members.js';
import { removeSession } from '../end/release.js';
import { parseNames, resolveMaxAge } from '../options.js';
import { askForRoots } from '../process/ask-mounts.js';
import type { Failure } from '../remove/failure.js';
import { existingRoots } from '../root/roots.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import { type Candidate, candidates } from './candidates.js';
import type { SessionState } from './judge.js';
import { closedSessions } from './places.js';
import { letGo, releaseCandidate } from './release-candidate.js';

export interface RemoveOptions {
  ids: readonly string[];
  root?: string | undefined;
  /** End living sessions first. */
  force?: boolean;
  env?: NodeJS.ProcessEnv;
}

export interface RmReport {
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
  force = false,
  env = process.env,
}: RemoveOptions): Promise<RmReport> {
  await askForRoots(env, root);
  const roots = existingRoots(env, root);
  const found = await candidates({
    roots,
    maxAgeMs: resolveMaxAge(undefined, env), // the verdict that `list` tells
    spare: parseNames(env['QW_SPARE']),
    endsHolders: true,
    wants: (dir) => ids.includes(basename(dir)),
  });
  const report: RmReport = { version: 1, removed: [], ended: [], work: [], kept: [], failed: [] };
  const closed = closedSessions(roots);
  for (const id of ids) {
    const candidate = found.find((one) => one.id === id);
    const shut = closed.find((one) => one.id === id);
    if (candidate) await removeOne(candidate, force, report);
    else if (shut) report.failed.push(...shut.failed);
    else
      report.failed.push({
        path: id,
        reason: `no such session in ${roots.join(', ') || 'any root'}`,
        hint: 'qw-tmp list',
      });
  }
  return report;
}

async function removeOne(candidate: Candidate, force: boolean, report: RmReport): Promise<void> {
  const { id, state, reason, remaining, releaseOptions, work } = candidate;
  if (!force && (!REMOVABLE.has(state) || remaining.length > 0)) {
    report.kept.push({
      id,
      state,
      reason:
        remaining.length > 0
          ? `in use by ${remaining.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`
          : reason,
    });
    return;
  }
  const { survivors: _kept, ...lease } = releaseOptions.lease; // told to end them now
  const changes = { lease, keep: false, work: 'remove' } as const;
  const {
    state: outcome,
    ended,
    left,
    failed,
  } = force
    ? await releaseCandidate(candidate, changes)
    : { ended: [], ...(await removeSession({ ...releaseOptions, ...changes })) };
  if (outcome === 'removed') await letGo(candidate);
  report.ended.push(...ended);
  report.failed.push(...failed); // also of what is in use: it may not have come back to its place
  if (left.length > 0)
    report.kept.push({
      id,
      state: 'held',
      reason: `in use by ${left.map(({ name, pid, why }) => `${name} (${pid}, ${why})`).join(', ')}`,
    });
  if (outcome !== 'removed' || failed.length > 0) return;
  report.removed.push(id);
  report.work.push(...work.map(asKeptWork));
}

const REMOVABLE: ReadonlySet<SessionState> = new Set(['kept', 'orphan']);
