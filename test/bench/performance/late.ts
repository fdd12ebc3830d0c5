// How late the event loop of this process is while something is done: the longest time, in ms.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

export async function latest<T>(work: () => Promise<T>): Promise<{ result: T; ms: number; lateMs: number }> {
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
  return { result, ms, lateMs: Math.max(0, delay.max / 1e6 - 1) }; // it counts its own timer of 1 ms
}
