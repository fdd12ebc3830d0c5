// Time for durations and deadlines, since when there is any, and for not taking too much of it at once.
import { uptime } from 'node:os';

/**
 * Milliseconds since this process began, on a clock nobody sets. As `performance.now()`, but loading that
 * delays a start by 1 ms.
 */
export const monotonicMs = (): number => process.uptime() * 1_000;

/**
 * How long ago this machine booted, in ms, on the clock that start times count on. A container may be told
 * its own uptime (lxcfs) while they count from the machine's boot: no process, such as we with our
 * `ownStartTime` (in ticks), began before that.
 */
export const sinceBootMs = (ownStartTime = 0): number =>
  Math.max(uptime(), ownStartTime / TICKS_PER_SECOND + process.uptime()) * 1_000;

/** When that was by today's clock, ms since 1970. */
export const bootedAt = (ownStartTime = 0): number => Date.now() - sinceBootMs(ownStartTime);

/** ISO 8601. A file may have a time that no Date can: the last one is told then. */
export const isoTime = (ms: number): string =>
  new Date(Math.max(-LAST_MS, Math.min(ms, LAST_MS))).toISOString();

/**
 * For a loop of synchronous steps: `if (turn.isOver()) await turn.pass()`. A server's event loop is not held
 * longer than 5 ms and one step, whatever loops come one after the other: the time is counted from the last turn
 * of any of them. Not an await for each step: ten thousand of them take 10 ms where none has to wait.
 */
export function turns(): { isOver(): boolean; pass(): Promise<void> } {
  const begin = () => {
    turnedAt = monotonicMs();
  };
  return {
    isOver: () => monotonicMs() - turnedAt >= SLICE_MS,
    pass: () => new Promise<void>((resolve) => setImmediate(resolve)).then(begin),
  };
}
let turnedAt = 0;

/** USER_HZ, what procfs counts in on every architecture Node runs on (time(7)). */
export const TICKS_PER_SECOND = 100;
const LAST_MS = 8.64e15; // of ECMAScript
const SLICE_MS = 5;
