// What looks at one session remember: whom they found, and which sessions (setsid) members led. A daemon may
// overwrite its environment later, and a pid may pass to somebody else.
import { FOR_OTHERS, LASTING, type Occupants } from '../belong/evidence.js';
import type { Remembered } from '../belong/question.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import type { ProcessStat } from '../process/process-stat.js';

export interface Memory extends Remembered {
  /** The agent, when it is adopted. */
  noteAgent(stat: Pick<ProcessStat, 'pid' | 'startTime' | 'session'>): void;
  /** From now on those who are gone are remembered, too: they may have owned sessions. */
  begin(): void;
  /** What a look found. A session (setsid) that it found empty is forgotten for good. */
  note(found: Pick<Occupants, 'members' | 'spared' | 'aside' | 'sids'>): void;
  /** Forgets the session (setsid) of an agent that is gone: its number may be anybody's by now. */
  forgetGone(agent: ProcessIdentity | undefined): void;
}

export function memory(): Memory {
  const members = new Map<number, Remembered['members'][number]>();
  const spared = new Map<number, Remembered['spared'][number]>();
  let isEnding = false;
  let sids: ReadonlyMap<number, number> = new Map();
  return {
    get members() {
      return [...members.values()];
    },
    get spared() {
      return [...spared.values()];
    },
    get sids() {
      return sids;
    },
    begin: () => {
      isEnding = true;
    },
    noteAgent: ({ pid, session }) => {
      if (session === pid) sids = new Map([...sids, [pid, Infinity]]);
    },
    note: (found) => {
      for (const [pid, identity] of members) if (!isEnding && !isAlive(identity)) members.delete(pid);
      for (const { facts, evidence } of found.members) {
        const { pid, startTime } = facts;
        const wasLasting = members.get(pid)?.startTime === startTime && members.get(pid)?.isLasting;
        members.set(pid, { pid, startTime, isLasting: LASTING.has(evidence.reason) || wasLasting === true });
      }
      for (const [pid, { identity }] of spared) if (!isAlive(identity)) spared.delete(pid);
      for (const { facts, evidence } of [...found.spared, ...found.aside])
        if (FOR_OTHERS.has(evidence.reason))
          spared.set(facts.pid, { identity: { pid: facts.pid, startTime: facts.startTime }, evidence });
      sids = found.sids;
    },
    forgetGone: (agent) => {
      if (!agent || isAlive(agent)) return;
      sids = new Map([...sids].filter(([sid, youngest]) => sid !== agent.pid || youngest !== Infinity));
    },
  };
}
