// The end of a session, whoever ends it (owner, watchdog, `qw-tmp rm`, reaper): end the members → is anyone
// left? → the road to removal. In doubt it stays whole.
import { monotonicMs } from '../clock.js';
import { codeOf, fs } from '../fs.js';
import { overwriteLease, writeLease } from '../lease/lease-file.js';
import { canListPids } from '../process/list-pids.js';
import { takeTable } from '../process/take-table.js';
import { type Failure, unseenFailure } from '../remove/failure.js';
import { isMarked } from '../root/marker.js';
import { asBefore } from '../take/as-before.js';
import type { Claim } from '../take/claim.js';
import { type Taken, take } from '../take/take.js';
import { findWork } from '../work/find-work.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import type { TempRepository } from '../work/work.js';
import type { EndedProcess } from './end-members.js';
import { type EndedProcesses, endProcesses, type LatestLook, occupantsIn } from './occupants.js';
import type { ReleaseOptions } from './release-options.js';
import { type Remaining, remaining, runningOn } from './remaining.js';
import { sharedLook, type TakeLook } from './shared-look.js';

export interface Release {
  /** `kept`: on request, or for the `work` in it. `failed`: see there; it may be in the trash already. */
  state: 'removed' | 'held' | 'kept' | 'failed';
  ended: EndedProcess[];
  /** Who keeps the directory. */
  left: Remaining[];
  /** Who runs on without keeping the directory: nobody may end them with the session. */
  runsOn: Remaining[];
  failed: Failure[];
  /** Worktrees and repositories that stay, with the session; where they were to be told, those that went. */
  work: KeptWork[];
  /** Git repositories that lay wholly in TMPDIR and went with it; left out where there were none. */
  repositories?: TempRepository[];
  /** Somebody else had removed the session before. */
  isGone?: true;
}

/** Ends what is left of a session and removes it. Never throws the system's errors: then all stays. */
export async function release(options: ReleaseOptions): Promise<Release> {
  const { root } = options;
  const shared = running.get(root) ?? { look: sharedLook([root]), ends: 0 };
  running.set(root, shared);
  shared.ends += 1;
  try {
    return await afterEnd(options, endProcesses(options, shared.look));
  } finally {
    shared.ends -= 1;
    if (shared.ends === 0) running.delete(root);
  }
}

/** By root: ends that run at once look together. */
const running = new Map<string, { look: TakeLook; ends: number }>();

/** The same for several, in their order: ends the members of all under one grace period. */
export async function* releaseAll(all: readonly ReleaseOptions[]): AsyncGenerator<Release> {
  const look = sharedLook([...new Set(all.map(({ root }) => root))]);
  const ends = all.map((options) => ({ options, end: endProcesses(options, look) }));
  await Promise.allSettled(ends.map(({ end }) => end));
  for (const { options, end } of ends) yield await afterEnd(options, end);
}

async function afterEnd(options: ReleaseOptions, end: Promise<EndedProcesses>): Promise<Release> {
  try {
    return await keepOrRemove(options, await end);
  } catch (error) {
    const failed = [unseenFailure(options.dir, error, AGAIN)];
    return { state: 'failed', ended: [], left: [], runsOn: [], failed, work: [] };
  }
}

const AGAIN = 'qw-tmp reap --orphans end';

async function keepOrRemove(options: ReleaseOptions, found: EndedProcesses): Promise<Release> {
  const { ended, occupants, latest } = found;
  const left = remaining(occupants, options.dir);
  const runsOn = runningOn(occupants, options.dir);
  const failed = ((options.keep || (await hasWorkInMemory(options))) && (await options.copyOut?.())) || [];
  const result: Omit<Release, 'state'> = { ended, left, runsOn, failed, work: [] };
  if (options.keep)
    return markKept(options, failed)
      ? { ...result, state: 'kept' }
      : { ...result, state: 'removed', isGone: true };
  if (left.length > 0) return { ...result, state: 'held' };
  const removal = await removeEnded(options, latest);
  return { ...result, ...removal, failed: [...failed, ...removal.failed] };
}

async function hasWorkInMemory({ contents, work }: ReleaseOptions): Promise<boolean> {
  if (contents === undefined || work === 'remove' || work === 'tell') return false;
  return (await findWork(contents)).work.length > 0;
}

/**
 * Removes a session that nobody used a moment ago. The second look finds who came since. After a `latest` one
 * just before it leaves out whom that found uninvolved (docs/how-it-works.md says what may be missed).
 */
export async function removeEnded(
  options: ReleaseOptions,
  latest?: LatestLook,
): Promise<Omit<Release, 'ended' | 'runsOn'>> {
  const { root, dir, work, handOver } = options;
  const refusal = notOurs(root, dir);
  if (refusal) return { state: 'failed', left: [], failed: [refusal], work: [] };
  let left: Remaining[] = [];
  const lookAgain = async ([claim]: readonly Claim[]) => {
    if (!canListPids() || !claim) return () => undefined;
    // The search for work takes its time in a large session.
    const isRecent = latest && monotonicMs() - latest.at < RECENT_MS;
    const watch = { roots: [root], dirs: new Set([claim.at]) };
    const seen = await takeTable(watch, isRecent ? latest.table : undefined);
    left = remaining(occupantsIn(asBefore(seen, [{ at: claim.at, dir }]), options), dir);
    return () => (left.length > 0 ? 'in-use' : undefined);
  };
  const [taken] = await take([{ kind: 'session', path: dir, base: root }], { lookAgain, handOver, work });
  const { outcome, reason, failed, work: found, repositories = [] } = taken as Taken;
  const went = outcome === 'removed' && repositories.length > 0 ? { repositories } : {};
  const gone = outcome === 'gone' ? ({ isGone: true } as const) : {};
  const result = { state: STATES[outcome], left, failed, work: found.map(asKeptWork), ...went, ...gone };
  if (outcome !== 'used' || left.length + failed.length > 0) return result;
  // It stays, and there is nobody to name.
  const why = { path: dir, reason: WORDS[reason ?? ''] ?? `it ${reason}`, hint: AGAIN };
  return { ...result, state: 'failed', failed: [why] };
}

/** Something else may have come in the place of the root: what is in there is not ours, whatever its name. */
function notOurs(root: string, dir: string): Failure | undefined {
  try {
    if (!fs.existsSync(dir) || isMarked(root)) return undefined;
    const reason = 'the directory that it is in has no marker of ours (any more)';
    return { path: dir, reason, hint: 'qw-tmp doctor' };
  } catch (error) {
    return unseenFailure(dir, error, AGAIN);
  }
}

const WORDS: Partial<Record<string, string>> = {
  'work-unseen': 'it could not be searched for worktrees to its end',
  worktree: 'a worktree was in it a moment ago',
};

/** An older look at processes is not used again. */
const RECENT_MS = 100;

const STATES: Record<Taken['outcome'], Release['state']> = {
  removed: 'removed',
  gone: 'removed',
  used: 'held',
  work: 'kept',
  failed: 'failed',
};

/** False when the directory is gone. */
function markKept({ dir, lease }: ReleaseOptions, [missing]: Failure[]): boolean {
  const why = missing && { missing: missing.reason };
  const kept = { ...lease, kept: { at: new Date().toISOString(), ...why } };
  try {
    try {
      writeLease(dir, kept);
    } catch {
      overwriteLease(dir, kept); // a full disk: without the mark the reaper removes it once we are gone
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return fs.existsSync(dir);
  }
}
