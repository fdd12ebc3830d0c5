// Whether a process began while a session lived. Its start time counts on a clock that nobody sets, the times
// of the session on the wall clock. Pure.
import { TICKS_PER_SECOND } from '../clock.js';
import type { ProcessFacts } from '../process/inspect.js';
import { ageIn, type SessionClock } from '../process/session-clock.js';

export interface Lifetime {
  /** When the session was opened, ms since 1970. */
  createdAt: number;
  /** When its owner or agent was last seen alive. */
  lastSeenAt: number;
  now: number;
  maxAgeMs: number;
  /** When this machine booted; `startTime` counts ticks from here. */
  bootedAt: number;
  /** Of the session: the times above may be of before and after the clock was set. */
  clock: SessionClock;
}

export function beganInside({ startTime }: Pick<ProcessFacts, 'startTime'>, lifetime: Lifetime): boolean {
  const { createdAt, lastSeenAt, clock } = lifetime;
  if (ageIn(clock, lifetime.now - lastSeenAt) > lifetime.maxAgeMs) return false;
  const startedAt = lifetime.bootedAt + (startTime * 1_000) / TICKS_PER_SECOND; // by today's clock
  const [earliest, latest] = [startedAt - Math.max(0, clock.setMs), startedAt - Math.min(0, clock.setMs)];
  return latest > createdAt - SLACK_MS && earliest < lastSeenAt + SLACK_MS;
}

const SLACK_MS = 1_000; // createdAt and ticks come from different clocks
