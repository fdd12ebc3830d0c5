// The question to a look at processes: who belongs to this session?
import type { SpareKind } from '../backends/spared.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import type { Evidence } from './evidence.js';

export interface Question {
  root: string;
  /** Session directory. */
  dir: string;
  /** The agent, where it is known otherwise than from the lease alone: the agent can write that. */
  agent?: ProcessIdentity | undefined;
  remembered: Remembered;
  /** Never counted: ourselves, the keeper of the session's namespace. */
  exempt: readonly number[];
  /** Where it lives. Its ancestors have nothing to do with the session. */
  owner?: number | undefined;
  /** The lease names the owner as its agent (exec mode): it counts as one where its variables say so too. */
  isOwnerAgent?: boolean;
  /** Which of the programs that are never ended this is. */
  kindOf(facts: ProcessFacts): SpareKind | undefined;
  /** It began while the session lived. */
  beganInside: Is;
}

/** What earlier looks found, or the owner knows: proof that a later look might not find. */
export interface Remembered {
  /**
   * `isLasting`: proven by what survives an exec. A look between fork and exec sees the environment of the
   * parent.
   */
  members: readonly (ProcessIdentity & { isLasting: boolean })[];
  /**
   * Sessions (setsid) that members led, with the start time of the youngest in it at the last look: while
   * one not younger is in it, it is the same. `Infinity`: not looked at yet.
   */
  sids: ReadonlyMap<number, number>;
  /** Who was spared since it works for others: it does so also after its parent is gone. */
  spared: readonly { identity: ProcessIdentity; evidence: Evidence }[];
}

export const NOTHING_REMEMBERED: Remembered = { members: [], sids: new Map(), spared: [] };

export type Is = (facts: ProcessFacts) => boolean;

/** That very process, where it lives. */
export function living(
  { processes }: ProcessTable,
  identity: ProcessIdentity | undefined,
): ProcessFacts | undefined {
  const facts = processes.get(identity?.pid ?? 0);
  return isSame(facts, identity) ? facts : undefined;
}

export const isSame = (facts: ProcessFacts | undefined, identity: ProcessIdentity | undefined): boolean =>
  facts !== undefined && facts.pid === identity?.pid && facts.startTime === identity.startTime;
