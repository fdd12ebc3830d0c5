// Descent can be seen only while the parents live: so we look just before a signal goes out. One look serves
// all sessions of this process.
import { namesIt } from '../belong/variables-say.js';
import { monotonicMs } from '../clock.js';
import { isAlive } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { canListPids } from '../process/list-pids.js';
import type { ProcessTable } from '../process/table.js';
import { takeDescent } from '../process/take-table.js';
import { membersIn } from './occupants.js';
import type { Subject } from './release-options.js';

/** The members of a session by descent, variables and setsid(2). Throws the system's error. */
export const membersNow = (subject: Subject, look = descentNow): ProcessFacts[] =>
  canListPids() ? membersIn(look(), subject) : [];

/**
 * The members that only descent proves: once the parents are gone the watchdog cannot find them, since it
 * does not believe the lease about the agent. None where survivors stay, or a mount namespace proves them.
 */
export function onlyByDescent(subject: Subject, look: () => ProcessTable): ProcessFacts[] {
  const { agent, memory, lease } = subject;
  if (lease.survivors === 'keep' || lease.isolate) return [];
  if (![...(agent ? [agent] : []), ...(memory?.members ?? [])].some(isAlive)) return [];
  const isLost = (facts: ProcessFacts) => facts.pid !== agent?.pid && !namesIt(facts, subject);
  return membersNow(subject, look).filter(isLost);
}

/** Shared by all who ask in the same turn of the event loop, unless that takes long. */
function descentNow(): ProcessTable {
  if (latest && monotonicMs() - latest.at < RECENT_MS) return latest.seen;
  latest = { seen: takeDescent(), at: monotonicMs() };
  queueMicrotask(() => {
    latest = undefined;
  });
  return latest.seen;
}
let latest: { seen: ProcessTable; at: number } | undefined;
const RECENT_MS = 1_000;
