// Ends the processes of a session: SIGTERM, grace, SIGKILL, until two looks in a row find none, or one during
// which nobody came or went. Any other single look is not enough: a process can fork between the look and the
// signal (actions/runner#4601).
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../clock.js';
import type { Occupants } from '../process/classify.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { askToEnd, signalProcess } from './signal.js';

export interface EndedProcess {
  pid: number;
  name: string;
}

/** What a look found; `isSettled`: see `Snapshot`. */
export interface Look extends Occupants {
  isSettled: boolean;
}

export interface EndMembersOptions {
  /** Looks anew. `known` are the members found so far; `isRepeat`: right after a look that found none. */
  look(known: readonly ProcessIdentity[], isRepeat: boolean): Promise<Look>;
  /** Time between SIGTERM and SIGKILL, in ms. */
  graceMs: number;
  /** Aborted: no more grace. */
  hurry?: AbortSignal | undefined;
}

/** Ends all members; gives who was ended and what the last look found (members left there resist SIGKILL). */
export async function endMembers({
  look,
  graceMs,
  hurry,
}: EndMembersOptions): Promise<{ ended: EndedProcess[]; occupants: Occupants }> {
  const known = new Map<number, ProcessFacts>();
  const asked = new Set<number>();
  const startedAt = monotonicMs();
  for (let cleanLooks = 0; ; ) {
    const occupants = await look([...known.values()], cleanLooks > 0);
    const { members, isSettled } = occupants;
    cleanLooks = members.length > 0 ? 0 : isSettled ? ENOUGH_LOOKS : cleanLooks + 1;
    const waitedMs = monotonicMs() - startedAt;
    if (cleanLooks >= ENOUGH_LOOKS || waitedMs > graceMs + RESIST_MS)
      return { ended: [...known.values()].map(toEnded), occupants };
    const isOver = hurry?.aborted || waitedMs >= graceMs;
    for (const member of members) {
      known.set(member.pid, member);
      if (isOver) signalProcess(member, 'SIGKILL');
      else if (!asked.has(member.pid)) askToEnd(member);
      asked.add(member.pid);
    }
    if (members.length > 0)
      await untilGone(members, isOver ? LOOK_AGAIN_MS : graceMs - waitedMs, isOver ? undefined : hurry);
  }
}

/**
 * Resolves when all are gone, after `timeoutMs`, or when somebody is in a hurry; looks again now and then for
 * newborns.
 */
export async function untilGone(
  members: readonly ProcessIdentity[],
  timeoutMs: number,
  hurry?: AbortSignal,
): Promise<void> {
  const deadline = monotonicMs() + Math.min(timeoutMs, LOOK_AGAIN_MS);
  for (
    let waitMs = 2;
    members.some(isAlive) && !hurry?.aborted && monotonicMs() < deadline;
    waitMs = Math.min(waitMs * 2, 40)
  ) {
    await pause(Math.max(1, Math.min(waitMs, deadline - monotonicMs())));
  }
}

/** The program's name as a person knows it. */
const toEnded = ({ pid, comm }: ProcessFacts): EndedProcess => ({ pid, name: comm });

const ENOUGH_LOOKS = 2;
const LOOK_AGAIN_MS = 500;
const RESIST_MS = 5_000; // SIGKILL acts at once, unless the process sleeps in the kernel and cannot be interrupted
