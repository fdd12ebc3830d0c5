// The verdict on one session directory. Pure; the table in docs/reaper.md is this function, row by row. First
// match wins. Doubt keeps: only a dead owner with nobody left, or age where nothing better is known, makes an
// orphan.
import type { OwnerState } from '../lease/owner.js';
import { MIN_MAX_AGE_MS } from '../options.js';

export const STATES = ['live', 'held', 'kept', 'orphan', 'foreign', 'unknown'] as const;
export type SessionState = (typeof STATES)[number];

export interface SessionFacts {
  lease: 'good' | 'bad' | 'none';
  isKept: boolean;
  /** Not all of it: some could not be copied from memory to disk. */
  isKeptInPart?: boolean;
  /** Something in it is work. */
  hasWork?: boolean;
  /** Its owner has begun its end. */
  isEnding?: boolean;
  /** It is to be kept once it has ended. */
  isToBeKept?: boolean;
  /** Unknown without a good lease. */
  owner: OwnerState | 'unknown';
  /** The owner's watchdog holds its lock. Asked only where the owner cannot be told from here. */
  isLocked?: boolean | undefined;
  agent: 'alive' | 'dead' | 'unnamed';
  /** Members, spared processes and users; undefined where processes cannot be seen (no procfs). */
  occupants: number | undefined;
  /** Age of the heartbeat, in ms. Infinite without a lease. */
  heartbeatAgeMs: number;
  /** Age of the newest file in the session, in ms. Not measured counts as young: doubt keeps. */
  newestAgeMs?: number | undefined;
}

export interface Verdict {
  state: SessionState;
  /** Why, for people. */
  reason: string;
}

/** Decides. `maxAgeMs` is never taken below one hour. */
export function judge(facts: SessionFacts, { maxAgeMs }: { maxAgeMs: number }): Verdict {
  const { lease, isKept, owner, agent, occupants, heartbeatAgeMs } = facts;
  const age = Math.max(maxAgeMs, MIN_MAX_AGE_MS);
  // An age below zero is a clock that jumped back: nothing can be said, so it counts as young.
  const isOld = (ageMs: number | undefined) => ageMs !== undefined && ageMs >= age;
  if (isKept) return { state: 'kept', reason: facts.isKeptInPart ? 'kept-in-part' : 'kept-on-request' };
  if (owner === 'alive') return { state: 'live', reason: whyLive(facts) };
  if (owner === 'elsewhere' && facts.isLocked) return { state: 'foreign', reason: 'lock-held' };
  if (owner === 'elsewhere' && !isOld(heartbeatAgeMs)) return { state: 'foreign', reason: 'heartbeat-fresh' };
  if (owner === 'elsewhere' && !isOld(facts.newestAgeMs)) return { state: 'foreign', reason: 'files-fresh' };
  if (agent === 'alive') return { state: 'held', reason: 'agent-alive' };
  if (occupants === undefined && !isOld(facts.newestAgeMs))
    return { state: 'unknown', reason: 'processes-unseen' };
  if (occupants) return { state: 'held', reason: 'in-use' };
  if (facts.isToBeKept && owner !== 'unknown') return { state: 'kept', reason: 'kept-on-request' };
  if (facts.hasWork) return { state: 'kept', reason: 'worktree' };
  if (owner === 'dead') return { state: 'orphan', reason: 'owner-dead' };
  if (owner === 'elsewhere') return { state: 'orphan', reason: 'stale-elsewhere' };
  if (!isOld(facts.newestAgeMs))
    return { state: 'unknown', reason: lease === 'none' ? 'no-lease' : 'bad-lease' };
  return { state: 'orphan', reason: lease === 'none' ? 'stale-no-lease' : 'stale-bad-lease' };
}

/** An owner that has forgotten a session is told from one that is ending it. */
const whyLive = ({ agent, isEnding }: SessionFacts): string =>
  isEnding ? 'ending' : agent === 'dead' ? 'agent-gone' : 'owner-alive';
