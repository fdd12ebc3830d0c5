// Who is in a session, and ending those who belong to it.
import { setTimeout as pause } from 'node:timers/promises';
import { profileNamed } from '../backends/profiles.js';
import { spareMatcher } from '../backends/spared.js';
import { monotonicMs } from '../clock.js';
import { classify, membersOf, type Occupants, type Question } from '../process/classify.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { canListPids } from '../process/list-pids.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { suspects } from '../process/suspects.js';
import { beginEndsOf } from './begin-ends.js';
import { type EndedProcess, endMembers } from './end-members.js';
import type { ReleaseOptions } from './release-options.js';
import { signalTree } from './signal-tree.js';

type Options = Omit<ReleaseOptions, 'graceMs'>;

/** Who is in a session, by a snapshot at hand. */
export const occupantsIn = (
  snapshot: Snapshot,
  options: Options,
  known: readonly ProcessIdentity[] = [],
): Occupants => classify(snapshot, questionOf(options, snapshot, known));

/** Who of them is a member: all that a look at descent alone can tell. */
export const membersIn = (snapshot: Snapshot, options: Options): ProcessFacts[] =>
  membersOf(snapshot, questionOf(options, snapshot));

function questionOf(options: Options, snapshot: Snapshot, known: readonly ProcessIdentity[] = []): Question {
  const { root, dir, lease, agent, owner, maxAgeMs, lastSeenAt, clock } = options;
  return {
    root,
    dir,
    agent,
    known: [...(options.known ?? []), ...known],
    exempt: [process.pid, options.exempt, owner].filter((pid) => pid !== undefined),
    ...spareMatcher([...options.spare, ...(lease.spare ?? [])], profileNamed(lease.backend).shared),
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
  };
}

interface EndedProcesses {
  ended: EndedProcess[];
  occupants: Occupants;
  /** The last look. */
  latest?: Snapshot | undefined;
}

/** Ends the members; gives who that was and who is left. */
export async function endProcesses(options: ReleaseOptions): Promise<EndedProcesses> {
  if (!canListPids()) return endWithoutProcfs(options);
  const { root, graceMs, hurry, lease, agent } = options;
  let latest: Snapshot | undefined;
  const look = async (known: readonly ProcessIdentity[], isRepeat: boolean) => {
    latest = await takeSnapshot({ roots: [root] }, isRepeat ? latest : undefined);
    await beginEndsOf([...(agent ? [agent] : []), ...(options.known ?? []), ...known], root, latest);
    return { ...occupantsIn(latest, options, known), isSettled: latest.isSettled };
  };
  if (lease.survivors !== 'keep') return { ...(await endMembers({ look, graceMs, hurry })), latest };
  const lookAtAgent = async () => {
    const occupants = await look([], false);
    return {
      ...occupants,
      members: occupants.members.filter(({ pid }) => pid === (agent ?? lease.agent)?.pid),
    };
  };
  const { ended } = await endMembers({ look: lookAtAgent, graceMs, hurry });
  return { ended, occupants: await look([], true), latest };
}

/** Descendants of the agent are all that can be found: TMPDIR of others cannot be read. */
async function endWithoutProcfs({ agent, graceMs, hurry }: ReleaseOptions): Promise<EndedProcesses> {
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

const NOBODY: Occupants = { members: [], spared: [], holders: [], unreadable: [] };
