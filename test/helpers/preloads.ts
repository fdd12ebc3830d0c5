// Environments in which a node program lives with other clocks and timers, so that no machine is too slow or too fast for a test.
import { join } from 'node:path';
import { fixture, repoRoot } from './paths.js';
import { preload } from './quoted.js';

/** Its calls are logged, or it dies or fails at one of them: what `step` may say is in at-step.cjs. */
export const atStep = (step: object): { NODE_OPTIONS: string; STEP: string } => ({
  ...preload(join(repoRoot, 'test/campaigns/conformance/at-step.cjs')),
  STEP: JSON.stringify(step),
});

/** Each look at `performance.now()` takes so long; at 0 ms it stands still. */
export const stepClock = (lookMs: number): NodeJS.ProcessEnv => ({
  ...preload(fixture('step-clock.cjs')),
  LOOK_MS: String(lookMs),
});

/** A timer of `ms` is not over before there is the file `until`. */
export const heldTimers = (ms: number, until: string): NodeJS.ProcessEnv => ({
  ...preload(fixture('hold-timers.cjs')),
  HELD_MS: String(ms),
  HELD_UNTIL: until,
});

/** What waits for a second or longer waits for ever. */
export const noLongTimers = (): NodeJS.ProcessEnv => ({
  ...preload(fixture('no-long-timers.cjs')),
});
