// Time for durations and deadlines, since when there is any, and for not taking too much of it at once.
import { uptime } from 'node:os';

/** Milliseconds since this process began, on a clock nobody sets. As `performance.now()`, but loading that delays a start by 1 ms. */
export const monotonicMs = (): number => process.uptime() * 1_000;

/** When this machine booted, ms since 1970, by today's clock. */
export const bootedAt = (): number => Date.now() - uptime() * 1_000;

/**
 * For a loop of synchronous steps: `if (turn.isOver()) await turn.pass()`. A server's event loop is not held longer than 5 ms and one
 * step. Not an await for each step: ten thousand of them take 10 ms where none has to wait.
 */
export function turns(): { isOver(): boolean; pass(): Promise<void> } {
  let since = monotonicMs();
  const begin = () => {
    since = monotonicMs();
  };
  return {
    isOver: () => monotonicMs() - since >= SLICE_MS,
    pass: () => new Promise<void>((resolve) => setImmediate(resolve)).then(begin),
  };
}

const SLICE_MS = 5;
