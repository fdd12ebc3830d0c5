// Waits for a condition with a deadline; tests never sleep for a fixed time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves with the first truthy value of `condition`; rejects after `timeoutMs` naming `what`. The time is long because only a
 * failing test waits for it: a disk that stalls for half a minute is no fault of what is tested. Nor is a virtual machine that
 * stands still: no turn counts for more than a second.
 */
export async function waitUntil<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  for (let waitedMs = 0, now = performance.now(); ; ) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (waitedMs > timeoutMs)
      throw new Error(`waited ${timeoutMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    await pause(everyMs ?? Math.min(Math.max(10, waitedMs / 20), 50)); // looks cost: seldom in a long wait
    const before = now;
    now = performance.now();
    waitedMs += Math.min(now - before, 1_000);
  }
}
