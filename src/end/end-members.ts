// Ends the processes of a session: SIGTERM, grace, SIGKILL, until two looks in a row find none, or one look
// during which no process began or ended. One other look is not enough: a process can fork between the look
// and the signal (actions/runner#4601).
import { asOccupants, evidenceText, type Occupant, type Occupants } from '../belong/evidence.js';
import { monotonicMs, newYielder, untilDone } from '../clock.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { hasOtherVariables, type ProcessFacts } from '../process/inspect.js';
import { listeningPorts } from '../process/listening-ports.js';
import type { ProcessTable } from '../process/table.js';
import { hangUpShell, isAloneOnTerminal } from './hang-up.js';
import { askToEnd, signalProcess } from './signal.js';

export interface EndedProcess {
  pid: number;
  /** The program's name as a person knows it. */
  name: string;
  /** What proved that it belonged to the session. */
  evidence: string;
  /** The TCP ports that it listened on just before; left out where there were none. */
  ports?: number[];
}

export interface Look extends Occupants, Pick<ProcessTable, 'isSettled' | 'inSession'> {}

export interface EndMembersOptions {
  /** Looks anew. `isRepeat`: right after a look that found none. */
  look(isRepeat: boolean): Promise<Look>;
  /** Time between SIGTERM and SIGKILL, in ms; the latter comes after a look. */
  graceMs: number;
  /** Aborted: no more grace. */
  hurry?: AbortSignal | undefined;
}

/**
 * Ends all members; returns who was ended and what the last look found. A member that is left there resists
 * SIGKILL. Who may not be signalled is not waited for, and is `aside`.
 */
export async function endMembers(
  options: EndMembersOptions,
): Promise<{ ended: EndedProcess[]; occupants: Occupants }> {
  const { look, graceMs, hurry } = options;
  const asked = new Map<number, Occupant>();
  const refused = new Set<number>();
  const doubted = new Set<number>();
  const hungUp = new Set<number>();
  const ports = new Map<number, number[]>();
  const yielder = newYielder();
  // A look may take longer than the grace period: that begins with the first request, resistance with a kill.
  let askedAt: number | undefined;
  let killedAt = Infinity;
  for (let cleanLooks = 0; ; ) {
    const lookedAt = monotonicMs();
    const { isSettled, inSession, ...found } = await look(cleanLooks > 0);
    const now = monotonicMs();
    const members = found.members.filter(({ facts: { pid } }) => !refused.has(pid));
    cleanLooks = members.length > 0 ? 0 : isSettled ? ENOUGH_LOOKS : cleanLooks + 1;
    if (cleanLooks >= ENOUGH_LOOKS || lookedAt - killedAt > RESIST_MS) {
      const beyond = found.members.map(({ facts }) => facts).filter(({ pid }) => refused.has(pid));
      const occupants = { ...found, members, aside: [...found.aside, ...asOccupants(beyond, 'refused')] };
      return { ended: [...asked.values()].map((member) => toEnded(member, ports)), occupants };
    }
    const waitedMs = now - (askedAt ?? now);
    const isOver = hurry?.aborted || waitedMs >= graceMs;
    const unasked = members.map(({ facts }) => facts).filter(({ pid }) => !asked.has(pid));
    for (const [pid, those] of await listeningPorts(unasked)) ports.set(pid, those);
    const sure: ProcessFacts[] = [];
    for (const member of members) {
      if (yielder.isDue()) await yielder.yield(); // there may be hundreds
      const { facts } = member;
      if (isInDoubt(facts, doubted)) continue;
      sure.push(facts);
      askedAt ??= now;
      if (isOver) killedAt = Math.min(killedAt, now);
      const { pid, session } = facts;
      const ask = () => (asked.has(pid) ? undefined : askToEnd(facts));
      const sent = isOver ? signalProcess(facts, 'SIGKILL') : ask();
      if (sent === 'refused') refused.add(pid);
      else asked.set(pid, member);
      const mayHangUp = !isOver && !hungUp.has(pid) && isAloneOnTerminal(facts, inSession(session));
      if (mayHangUp && hangUpShell(facts)) hungUp.add(pid);
    }
    if (sure.length === 0 || sure.length < members.length) continue;
    await (isOver ? untilGone(sure, LOOK_AGAIN_MS) : untilGone(sure, graceMs - waitedMs, hurry));
  }
}

/** It called exec since the look: another's program by now? Once only, so that nobody escapes so. */
function isInDoubt(facts: ProcessFacts, doubted: Set<number>): boolean {
  if (doubted.has(facts.pid) || !hasOtherVariables(facts)) return false;
  doubted.add(facts.pid);
  return true;
}

/** Resolves when all are gone, after `timeoutMs` or half a second at most, or when somebody is in a hurry. */
export const untilGone = (
  members: readonly ProcessIdentity[],
  timeoutMs: number,
  hurry?: AbortSignal,
): Promise<boolean> => untilDone(() => !members.some(isAlive), Math.min(timeoutMs, LOOK_AGAIN_MS), hurry);

function toEnded({ facts, evidence }: Occupant, allPorts: ReadonlyMap<number, number[]>): EndedProcess {
  const ports = allPorts.get(facts.pid);
  return { pid: facts.pid, name: facts.comm, evidence: evidenceText(evidence), ...(ports && { ports }) };
}

const ENOUGH_LOOKS = 2;
const LOOK_AGAIN_MS = 500;
/** SIGKILL acts at once, unless the process is in uninterruptible sleep. */
const RESIST_MS = 5_000;
