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

/** ISO 8601. A file may have a time beyond every Date: then it is the last one. */
export const isoTime = (ms: number): string =>
  new Date(Math.max(-LAST_MS, Math.min(ms, LAST_MS))).toISOString();

/**
 * For a loop of synchronous steps: `if (yielder.isDue()) await yielder.yield()`. A server's event loop is not
 * held longer than 3 ms and one step, however many such loops run at once. Not an await for each step: ten
 * thousand of them take 10 ms where none has to wait.
 */
export function newYielder(): { isDue(): boolean; yield(): Promise<void> } {
  begin();
  return {
    isDue: () => monotonicMs() - begin() >= SLICE_MS,
    yield: () =>
      new Promise<void>((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(nextOne);
      }).then(() => void begin()),
  };
}

/** Runs steps that yield, in turns with others; `worked` hears how long they took, without the others. */
export async function inTurns<T>(
  steps: Iterator<undefined, T>,
  worked: (ms: number) => void = () => {},
): Promise<T> {
  const yielder = newYielder();
  for (let since = monotonicMs(); ; ) {
    if (yielder.isDue()) {
      worked(monotonicMs() - since);
      await yielder.yield();
      since = monotonicMs();
    }
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Asks `isDone` until it says so, at first after 2 ms, later every 40. False when `timeoutMs` are over, or
 * somebody is in a hurry.
 */
export async function untilDone(
  isDone: () => boolean,
  timeoutMs: number,
  hurry?: AbortSignal,
): Promise<boolean> {
  const deadline = monotonicMs() + timeoutMs;
  for (let waitMs = 2; !isDone(); waitMs = Math.min(waitMs * 2, 40)) {
    const leftMs = deadline - monotonicMs();
    if (leftMs <= 0 || hurry?.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, leftMs)));
  }
  return true;
}

/** Loops that passed their turn on. One goes on in each turn of the event loop: they share one slice. */
const waiting: (() => void)[] = [];

function nextOne(): void {
  since = undefined;
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(nextOne);
}

/** When the first loop began in this turn of the event loop. */
function begin(): number {
  if (since !== undefined) return since;
  const now = monotonicMs();
  since = now;
  setImmediate(() => {
    if (since === now) since = undefined;
  }).unref();
  return now;
}
let since: number | undefined;

/** USER_HZ, what procfs counts in on every architecture Node runs on (time(7)). */
export const TICKS_PER_SECOND = 100;
const LAST_MS = 8.64e15; // of ECMAScript
const SLICE_MS = 3;
