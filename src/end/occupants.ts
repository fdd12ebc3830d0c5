// Who is in a session, and ending those who belong to it.
import { setTimeout as pause } from 'node:timers/promises';
import { profileNamed } from '../backends/profiles.js';
import { spareMatcher } from '../backends/spared.js';
import { beganInside } from '../belong/began-inside.js';
import { classify, NOBODY, type Occupants } from '../belong/classify.js';
import type { Occupant } from '../belong/evidence.js';
import { NOTHING_REMEMBERED, type Question } from '../belong/question.js';
import { monotonicMs } from '../clock.js';
import { DEFAULT_GRACE_MS } from '../options.js';
import { isAlive } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { canListPids } from '../process/list-pids.js';
import type { ProcessTable } from '../process/table.js';
import { tmpDir } from '../root/layout.js';
import { beginEndsOf } from './begin-ends.js';
import { type EndedProcess, endMembers } from './end-members.js';
import { memory as newMemory } from './memory.js';
import type { ReleaseOptions } from './release-options.js';
import type { TakeLook } from './shared-look.js';
import { signalTree } from './signal-tree.js';

/** Who is in a session, by a table at hand. */
export function occupantsIn(table: ProcessTable, options: ReleaseOptions): Occupants {
  const found = classify(table, questionOf(options, table));
  options.memory?.note(table.isPartial ? { ...found, ...DOORS_UNSEEN } : found);
  return found;
}

/** The members by a table that only shows descent. */
export function membersIn(table: ProcessTable, options: ReleaseOptions): ProcessFacts[] {
  const { members, sids } = classify(table, questionOf(options, table));
  options.memory?.note({ members, sids, ...DOORS_UNSEEN });
  return members.map(({ facts }) => facts);
}

/** A look that saw no sockets cannot say who is spared: then nobody is remembered as that. */
const DOORS_UNSEEN = { spared: [], aside: [] };

function questionOf(options: ReleaseOptions, table: ProcessTable): Question {
  const { root, dir, lease, agent, owner, maxAgeMs, lastSeenAt, clock } = options;
  const lifetime = {
    createdAt: Date.parse(lease.createdAt),
    lastSeenAt,
    now: Date.now(),
    maxAgeMs,
    bootedAt: table.bootedAt,
    clock,
  };
  return {
    root,
    dir,
    agent,
    owner,
    isOwnerAgent: lease.agent?.pid === lease.owner.pid,
    remembered: options.memory ?? NOTHING_REMEMBERED,
    exempt: [process.pid, options.exempt].filter((pid) => pid !== undefined),
    kindOf: spareMatcher({
      names: [...options.spare, ...(lease.spare ?? [])],
      shared: profileNamed(lease.backend).shared,
      ownPlaces: [tmpDir(dir), ...(options.ownPlaces ?? [])],
    }),
    beganInside: (facts) => beganInside(facts, lifetime),
  };
}

export interface EndedProcesses {
  ended: EndedProcess[];
  occupants: Occupants;
  /** The last look. */
  latest?: ProcessTable | undefined;
}

/**
 * Ends the members; returns who was ended and who is left. `takeLook`: shared with sessions that end beside
 * it.
 */
export async function endProcesses(options: ReleaseOptions, takeLook: TakeLook): Promise<EndedProcesses> {
  if (!canListPids()) return endWithoutProcfs(options);
  const { root, graceMs = DEFAULT_GRACE_MS, hurry, lease, agent, memory = newMemory() } = options;
  let latest: ProcessTable | undefined;
  const look = async (isRepeat: boolean) => {
    latest = await takeLook(isRepeat);
    await beginEndsOf([...(agent ? [agent] : []), ...memory.members], root, latest);
    const { isSettled, inSession } = latest;
    return { ...occupantsIn(latest, { ...options, memory }), isSettled, inSession };
  };
  if (lease.survivors !== 'keep') return { ...(await endMembers({ look, graceMs, hurry })), latest };
  const lookAtAgent = async () => {
    const occupants = await look(false);
    const isAgent = ({ facts }: Occupant) => facts.pid === (agent ?? lease.agent)?.pid;
    return { ...occupants, members: occupants.members.filter(isAgent) };
  };
  const { ended } = await endMembers({ look: lookAtAgent, graceMs, hurry });
  return { ended, occupants: await look(true), latest };
}

/** Only descendants of the agent can be found: the TMPDIR of others cannot be read. */
async function endWithoutProcfs({
  agent,
  graceMs = DEFAULT_GRACE_MS,
  hurry,
}: ReleaseOptions): Promise<EndedProcesses> {
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
