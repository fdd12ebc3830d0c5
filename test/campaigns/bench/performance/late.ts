// How late the event loop of this process is while something is done: the longest time, and the 99th percentile, in ms.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

export interface Late<T> {
  result: T;
  /** How long it took. */
  ms: number;
  lateMs: number;
  usualMs: number;
}

export async function latest<T>(work: () => Promise<T>): Promise<Late<T>> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await pause(200); // the loop at rest before it is watched
  delay.enable();
  await pause(20);
  delay.reset();
  await pause(5); // it counts from its next tick on: what holds the loop before that is lost
  const since = performance.now();
  const result = await work();
  const ms = performance.now() - since;
  await pause(5); // a delay is counted once it is over
  delay.disable();
  // It counts its own timer of 1 ms with each delay.
  const [lateMs, usualMs] = [delay.max, delay.percentile(99)].map((ns) => Math.max(0, ns / 1e6 - 1));
  return { result, ms, lateMs: lateMs as number, usualMs: usualMs as number };
}
