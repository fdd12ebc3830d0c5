// Environments in which a node program lives with other clocks and timers, so that no machine is too slow or too fast for a test.
import { fixture } from './paths.js';

/** Each look at `performance.now()` takes so long; at 0 ms it stands still. */
export const stepClock = (lookMs: number): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--require ${fixture('step-clock.cjs')}`,
  LOOK_MS: String(lookMs),
});

/** A timer of `ms` is not over before there is the file `until`. */
export const heldTimers = (ms: number, until: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--require ${fixture('hold-timers.cjs')}`,
  HELD_MS: String(ms),
  HELD_UNTIL: until,
});

/** What waits for a second or longer waits for ever. */
export const noLongTimers = (): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--require ${fixture('no-long-timers.cjs')}`,
});
