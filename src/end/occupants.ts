// Who is in a session, and ending those who belong to it.
import { profileNamed } from '../backends/profiles.js';
import { spareMatcher } from '../backends/spared.js';
import { beganInside } from '../belong/began-inside.js';
import { classify } from '../belong/classify.js';
import { NOBODY, type Occupant, type Occupants } from '../belong/evidence.js';
import { NOTHING_REMEMBERED, type Question } from '../belong/question.js';
import { monotonicMs, newYielder, untilDone } from '../clock.js';
import { DEFAULT_GRACE_MS } from '../options.js';
import { isAlive } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { canListPids } from '../process/list-pids.js';
import type { ProcessTable } from '../process/table.js';
import { tmpDir } from '../root/layout.js';
import { beginEndsOf } from './begin-ends.js';
import { type EndedProcess, endMembers } from './end-members.js';
import { memory as newMemory } from './memory.js';
import type { ReleaseOptions, Subject } from './release-options.js';
import type { TakeLook } from './shared-look.js';
import { signalTree } from './signal-tree.js';

/** Who is in a session, by a table at hand. */
export function occupantsIn(table: ProcessTable, subject: Subject): Occupants {
  const found = classify(table, questionOf(subject, table));
  subject.memory?.note(table.isPartial ? { ...found, ...DOORS_UNSEEN } : found);
  return found;
}

/** The members by a table that only shows descent. */
export function membersIn(table: ProcessTable, subject: Subject): ProcessFacts[] {
  const { members, sids } = classify(table, questionOf(subject, table));
  subject.memory?.note({ members, sids, ...DOORS_UNSEEN });
  return members.map(({ facts }) => facts);
}

/** A look that saw no sockets cannot say who is spared: then nobody is remembered as that. */
const DOORS_UNSEEN = { spared: [], aside: [] };

function questionOf(subject: Subject, { bootedAt }: ProcessTable): Question {
  const { root, dir, lease, agent, owner, keeper, memory = NOTHING_REMEMBERED } = subject;
  const { lastSeenAt, maxAgeMs, clock, spare, ownPlaces = [] } = subject;
  const createdAt = Date.parse(lease.createdAt);
  const lifetime = { createdAt, lastSeenAt, now: Date.now(), maxAgeMs, bootedAt, clock };
  return {
    root,
    dir,
    agent,
    owner,
    isOwnerAgent: lease.agent?.pid === lease.owner.pid,
    remembered: memory,
    exempt: [process.pid, ...(keeper === undefined ? [] : [keeper])],
    kindOf: spareMatcher({
      names: [...spare, ...(lease.spare ?? [])],
      shared: profileNamed(lease.backend).shared,
      ownPlaces: [tmpDir(dir), ...ownPlaces],
    }),
    beganInside: (facts) => beganInside(facts, lifetime),
  };
}

export interface EndedProcesses {
  ended: EndedProcess[];
  occupants: Occupants;
  latest?: LatestLook | undefined;
}

/** The last look, and when it was over, as `monotonicMs` has it. */
export interface LatestLook {
  table: ProcessTable;
  at: number;
}

/** Ends the members; returns who was ended and who is left. Sessions that end together share `takeLook`. */
export async function endProcesses(options: ReleaseOptions, takeLook: TakeLook): Promise<EndedProcesses> {
  if (!canListPids()) return endWithoutProcfs(options);
  const { root, graceMs = DEFAULT_GRACE_MS, hurry, lease, agent, memory = newMemory() } = options;
  const yielder = newYielder();
  let latest: LatestLook | undefined;
  const look = async (isRepeat: boolean) => {
    const table = await takeLook(isRepeat);
    latest = { table, at: monotonicMs() };
    await beginEndsOf([...(agent ? [agent] : []), ...memory.members], root, table);
    if (yielder.isDue()) await yielder.yield(); // others may have waited for the same look
    const { isSettled, inSession } = table;
    return { ...occupantsIn(table, { ...options, memory }), isSettled, inSession };
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
async function endWithoutProcfs(options: ReleaseOptions): Promise<EndedProcesses> {
  const { agent, graceMs = DEFAULT_GRACE_MS, hurry } = options;
  if (agent && isAlive(agent)) {
    await signalTree(agent, 'SIGTERM');
    await untilDone(() => !isAlive(agent), graceMs, hurry);
    await signalTree(agent, 'SIGKILL');
  }
  return { ended: [], occupants: NOBODY };
}
