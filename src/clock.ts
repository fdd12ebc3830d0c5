// Time for durations and deadlines, since when there is any, and for not taking too much of it at once.
import { uptime } from 'node:os';

/** Milliseconds since this process began, on a clock nobody sets. As `performance.now()`, but loading that delays a start by 1 ms. */
export const monotonicMs = (): number => process.uptime() * 1_000;

/** When this machine booted, ms since 1970, by today's clock. */
export const bootedAt = (): number => Date.now() - uptime() * 1_000;

/**
 * For a loop of synchronous steps: await what this gives after each step. Others get their turn once it went on for 5 ms; a
 * server's event loop is not held longer than that and the one step.
 */
export function turns(): () => Promise<void> | undefined {
  let since = monotonicMs();
  const turn = () =>
    new Promise<void>((resolve) =>
      setImmediate(() => {
        since = monotonicMs();
        resolve();
      }),
    );
  return () => (monotonicMs() - since < SLICE_MS ? undefined : turn());
}

const SLICE_MS = 5;
