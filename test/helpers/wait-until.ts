// Waits for a condition with a deadline; tests never sleep for a fixed time.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves with the first truthy value of `condition`; rejects after `timeoutMs` naming `what`. */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 10 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}
