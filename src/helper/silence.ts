// How long the other side has said nothing.
import { monotonicMs } from '../clock.js';

/**
 * Measures how long nothing was heard. Only the time in which this process could have heard something: after
 * its own loop, or the machine, stood still, the other side gets its time again.
 */
export function watchSilence(limitMs: () => number, onOver: (silentMs: number) => void) {
  let timer: NodeJS.Timeout | undefined;
  let silentMs = 0;
  let before = 0;
  const look = () => {
    const now = monotonicMs();
    silentMs += Math.min(now - before, 2 * STEP_MS);
    before = now;
    if (silentMs >= limitMs()) onOver(silentMs);
  };
  return {
    start: () => {
      if (timer) return;
      before = monotonicMs();
      timer = setInterval(look, STEP_MS).unref();
    },
    signOfLife: () => {
      silentMs = 0;
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
      silentMs = 0;
    },
    /** So far; 0 where it is not measured. */
    ms: () => silentMs,
  };
}

const STEP_MS = 250;
