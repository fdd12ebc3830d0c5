// The end of a session, from whoever does it (its owner, the watchdog, `qw-tmp rm`, the reaper):
// end the members → anybody left? → mounts? → rename into the trash → remove. What is in doubt stays whole.
import { setTimeout as pause } from 'node:timers/promises';
import { profileNamed } from '../backends/profiles.js';
import { spareMatcher } from '../backends/spared.js';
import { monotonicMs } from '../clock.js';
import { codeOf, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { overwriteLease, writeLease } from '../lease/lease-file.js';
import { classify, type Occupants } from '../process/classify.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import type { SessionClock } from '../process/session-clock.js';
import { type Snapshot, takeSnapshot, takeSnapshotSync } from '../process/snapshot.js';
import { suspects } from '../process/suspects.js';
import { emptyTree } from '../remove/empty-tree.js';
import { type Failure, mountFailures, moveFailure, removeTree } from '../remove/remove-tree.js';
import { moveToTrash } from '../remove/trash.js';
import { tmpDir } from '../root/layout.js';
import { isFull } from '../space/probe.js';
import { beginEndsOf } from './begin-ends.js';
import { type EndedProcess, endMembers } from './end-members.js';
import { type Remaining, remaining } from './remaining.js';
import { signalTree } from './tree-kill.js';

export interface ReleaseOptions {
  root: string;
  /** Session directory. */
  dir: string;
  lease: Lease;
  /** The agent, where its identity is known otherwise than from the lease: the agent itself can write that. */
  agent?: ProcessIdentity | undefined;
  /** The owner, where it is alive. */
  owner?: number | undefined;
  /** A process of ours in the session's namespace: no member. */
  exempt?: number | undefined;
  /** Brings to disk what is to be kept and is not there. */
  copyOut?: (() => Promise<Failure[]>) | undefined;
  /** Members found earlier. */
  known?: readonly ProcessIdentity[];
  graceMs: number;
  /** Further names to spare. */
  spare: readonly string[];
  maxAgeMs: number;
  /** When owner or agent was last seen alive, ms since 1970. */
  lastSeenAt: number;
  /** How far the clock was set since it was opened, where that is known. */
  clock?: SessionClock | undefined;
  keep?: boolean;
  /** Takes over what was moved into the trash, so that nobody waits for its removal. */
  handOver?: ((root: string, trashed: string) => void) | undefined;
  hurry?: AbortSignal | undefined;
}

export interface Release {
  /** `failed`: see there; the session may already be in the trash. */
  state: 'removed' | 'held' | 'kept' | 'failed';
  ended: EndedProcess[];
  left: Remaining[];
  failed: Failure[];
}

/** Ends what is left of a session and removes it. Never throws for what it finds there; who cannot look leaves all as it is. */
export async function release(options: ReleaseOptions): Promise<Release> {
  try {
    return await endAndRemove(options);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const reason = `its processes cannot be looked at (${code})`; // out of descriptors, or of memory
    const failed = [{ path: options.dir, reason, hint: 'qw-tmp reap --orphans end' }];
    return { state: 'failed', ended: [], left: [], failed };
  }
}

async function endAndRemove(options: ReleaseOptions): Promise<Release> {
  const { ended, occupants } = await endProcesses(options);
  const left = remaining(occupants, options.dir);
  const result = { ended, left, failed: (options.keep && (await options.copyOut?.())) || [] };
  if (options.keep) return { ...result, state: markKept(options, result.failed) ? 'kept' : 'removed' };
  if (left.length > 0) {
    if (left.every(({ why, holds }) => why === 'spared' && holds.length === 0))
      await emptyTree(tmpDir(options.dir));
    return { ...result, state: 'held' };
  }
  const failed = await removeSession(options.root, options.dir, options.handOver);
  return { ...result, failed, state: failed.length > 0 ? 'failed' : 'removed' };
}

/** Looks at the processes of a session in one go. */
export const lookSync = (options: ReleaseOptions): Occupants =>
  canListPids() ? occupantsIn(takeSnapshotSync({ roots: [options.root] }), options) : NOBODY;

/** The same for a snapshot at hand. */
export function occupantsIn(
  snapshot: Snapshot,
  options: Omit<ReleaseOptions, 'graceMs'>,
  known: readonly ProcessIdentity[] = [],
): Occupants {
  const { root, dir, lease, agent, owner, maxAgeMs, lastSeenAt, clock } = options;
  return classify(snapshot, {
    root,
    dir,
    agent,
    known: [...(options.known ?? []), ...known],
    exempt: [process.pid, options.exempt, owner].filter((pid) => pid !== undefined),
    isSpared: spareMatcher([...options.spare, ...(lease.spare ?? [])], profileNamed(lease.backend).shared),
    isSuspect: suspects(snapshot, {
      createdAt: Date.parse(lease.createdAt),
      lastSeenAt,
      now: Date.now(),
      maxAgeMs,
      bootedAt: snapshot.bootedAt,
      clock,
      owner,
      isOurs: owner === process.pid,
    }),
  });
}

/** Mounts, trash, removal. What could not be done is in the result. */
export async function removeSession(
  root: string,
  dir: string,
  handOver?: ReleaseOptions['handOver'],
): Promise<Failure[]> {
  const mounted = mountFailures(dir);
  if (mounted.length > 0) return mounted;
  try {
    const trashed = moveToTrash(root, dir);
    if (trashed !== undefined && handOver) handOver(root, trashed);
    else if (trashed !== undefined) return await removeTree(trashed);
    return [];
  } catch (error) {
    // A quota of btrfs refuses even a rename: removing in place is what makes room.
    if (isFull(error)) return removeTree(dir);
    return fs.existsSync(dir) ? [moveFailure(dir, error)] : []; // gone, perhaps with its root
  }
}

async function endProcesses(
  options: ReleaseOptions,
): Promise<{ ended: EndedProcess[]; occupants: Occupants }> {
  if (!canListPids()) return endWithoutProcfs(options);
  const { root, graceMs, hurry, lease, agent } = options;
  let latest: Snapshot | undefined;
  const look = async (known: readonly ProcessIdentity[], isRepeat: boolean) => {
    latest = await takeSnapshot({ roots: [root] }, isRepeat ? latest : undefined);
    beginEndsOf([...(agent ? [agent] : []), ...(options.known ?? []), ...known], root, latest);
    return { ...occupantsIn(latest, options, known), isSettled: latest.isSettled };
  };
  if (lease.survivors !== 'keep') return endMembers({ look, graceMs, hurry });
  const lookAtAgent = async () => {
    const occupants = await look([], false);
    return {
      ...occupants,
      members: occupants.members.filter(({ pid }) => pid === (agent ?? lease.agent)?.pid),
    };
  };
  const { ended } = await endMembers({ look: lookAtAgent, graceMs, hurry });
  return { ended, occupants: await look([], true) };
}

/** Descendants of the agent are all that can be found: TMPDIR of others cannot be read. */
async function endWithoutProcfs({
  agent,
  graceMs,
  hurry,
}: ReleaseOptions): Promise<{ ended: EndedProcess[]; occupants: Occupants }> {
  const occupants = NOBODY;
  if (!agent || !isAlive(agent)) return { ended: [], occupants };
  await signalTree(agent, 'SIGTERM');
  for (
    const deadline = monotonicMs() + graceMs;
    isAlive(agent) && !hurry?.aborted && monotonicMs() < deadline;
  )
    await pause(50);
  await signalTree(agent, 'SIGKILL');
  return { ended: [], occupants };
}

/** False when the directory is gone. */
function markKept({ dir, lease }: ReleaseOptions, [missing]: Failure[]): boolean {
  const why = missing && { missing: missing.reason };
  const kept = { ...lease, kept: { at: new Date().toISOString(), ...why } };
  try {
    try {
      writeLease(dir, kept);
    } catch (error) {
      // Unmarked, the reaper would take it once we are gone.
      if (!isFull(error)) throw error;
      overwriteLease(dir, kept);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return fs.existsSync(dir);
  }
}

const NOBODY: Occupants = { members: [], spared: [], holders: [], unreadable: [] };
