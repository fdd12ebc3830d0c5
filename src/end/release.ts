// The end of a session, from whoever does it (its owner, the watchdog, `qw-tmp rm`, the reaper): end the
// members → anybody left? → the road to removal. What is in doubt stays whole.
import { monotonicMs } from '../clock.js';
import { codeOf, fs } from '../fs.js';
import { overwriteLease, writeLease } from '../lease/lease-file.js';
import { canListPids } from '../process/list-pids.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import type { Failure } from '../remove/failure.js';
import { asBefore } from '../take/as-before.js';
import type { Claim, Thing } from '../take/claim.js';
import { type Taken, take } from '../take/take.js';
import { findWork } from '../work/find-work.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import type { EndedProcess } from './end-members.js';
import { endProcesses, occupantsIn } from './occupants.js';
import type { ReleaseOptions } from './release-options.js';
import { type Remaining, remaining } from './remaining.js';

export interface Release {
  /**
   * `kept`: on request, or for the `work` in it. `failed`: see there; the session may already be in the
   * trash.
   */
  state: 'removed' | 'held' | 'kept' | 'failed';
  ended: EndedProcess[];
  left: Remaining[];
  failed: Failure[];
  /** Worktrees and repositories that stay, with the session. */
  work: KeptWork[];
}

/**
 * Ends what is left of a session and removes it. Never throws for what it finds there; who cannot look leaves
 * all as it is.
 */
export async function release(options: ReleaseOptions): Promise<Release> {
  try {
    return await endAndRemove(options);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const reason = `it cannot be looked at (${code})`; // out of descriptors, or of memory
    return { state: 'failed', ended: [], left: [], failed: [notRemoved(options.dir, reason)], work: [] };
  }
}

const notRemoved = (path: string, reason: string): Failure => ({
  path,
  reason,
  hint: 'qw-tmp reap --orphans end',
});

async function endAndRemove(options: ReleaseOptions): Promise<Release> {
  const { ended, occupants, latest } = await endProcesses(options);
  const lookedAt = monotonicMs();
  const left = remaining(occupants, options.dir);
  const failed = ((options.keep || (await hasWorkInMemory(options))) && (await options.copyOut?.())) || [];
  const result: Omit<Release, 'state'> = { ended, left, failed, work: [] };
  if (options.keep) return { ...result, state: markKept(options, failed) ? 'kept' : 'removed' };
  if (left.length > 0) return { ...result, state: 'held' };
  const removal = await removeSession(options, { latest, lookedAt });
  return { ...result, ...removal, failed: [...failed, ...removal.failed] };
}

async function hasWorkInMemory({ contents, work }: ReleaseOptions): Promise<boolean> {
  if (contents === undefined || work === 'remove') return false;
  return (await findWork(contents)).work.length > 0;
}

/**
 * Removes a session that nobody used a moment ago. The second look finds who came since: of those who were
 * there in the first, just before, and had nothing to do with it nothing is read again (docs/how-it-works.md
 * says what that leaves out).
 */
export async function removeSession(
  options: Omit<ReleaseOptions, 'graceMs'>,
  { latest, lookedAt = 0 }: { latest?: Snapshot | undefined; lookedAt?: number } = {},
): Promise<Pick<Release, 'state' | 'left' | 'failed' | 'work'>> {
  const { root, dir, work, handOver } = options;
  let left: Remaining[] = [];
  const lookAgain = async ([claim]: readonly Claim<Thing>[]) => {
    if (!canListPids() || !claim) return () => undefined;
    // A large one took its time to be looked through for work.
    const isRecent = monotonicMs() - lookedAt < RECENT_MS;
    const seen = await takeSnapshot(
      { roots: [root], dirs: new Set([claim.at]) },
      isRecent ? latest : undefined,
    );
    left = remaining(occupantsIn(asBefore(seen, [{ at: claim.at, dir }]), options), dir);
    return () => (left.length > 0 ? 'in-use' : undefined);
  };
  const [taken] = await take([{ kind: 'session', path: dir, base: root }], { lookAgain, handOver, work });
  const { outcome, reason, failed, work: found } = taken as Taken;
  const result = { state: STATES[outcome], left, failed, work: found.map(asKeptWork) };
  if (outcome !== 'used' || left.length + failed.length > 0) return result;
  // Nobody is there to be named.
  return { ...result, state: 'failed', failed: [notRemoved(dir, WORDS[reason ?? ''] ?? `it ${reason}`)] };
}

const WORDS: Partial<Record<string, string>> = {
  'work-unseen': 'not all of it can be looked through for worktrees',
  worktree: 'a worktree was in it a moment ago',
};

/** Longer ago than this a look at processes says nothing of now. */
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
      // A full disk, or a directory that may not be written. Unmarked, the reaper would take it once we are
      // gone.
      overwriteLease(dir, kept);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return fs.existsSync(dir);
  }
}
