// What goes on beside a session while it is open: it is kept alive, its file system and the agent's
// descendants are watched, and an exit of this process is covered.

import { isAlive } from '../process/identity.js';
import { fullNote } from '../root/layout.js';
import { coverExit } from './exit-hook.js';
import { keepAlive } from './keep-alive.js';
import type { Known } from './known.js';
import { type PressureWatch, watchPressure } from './pressure.js';
import { noteChange } from './session-ends.js';
import { watchDescent } from './sightings.js';
import { onSizeSeen } from './sizes-seen.js';

export interface Upkeep {
  pressure: PressureWatch;
  /** From now on there is an agent. */
  watchAgent(): void;
  /** Stops all but the cover. */
  stop(): void;
  /** The session is over: an exit of this process is none of its business any more. */
  uncover(): void;
}

export function upkeep(known: Known): Upkeep {
  const { root, dir, seen, lease, memory, inside, releaseOptions, receipts } = known;
  const stopKeeping = keepAlive({
    root,
    dir,
    lease: lease.now,
    isWanted: () => !known.agent || isAlive(known.agent),
    onBeat: () => memory.forgetGone(known.agent),
  });
  const stopHearing = onSizeSeen(dir, receipts.seen);
  const pressure = watchPressure({
    dir: () => (inside ? inside.contents() : dir),
    note: fullNote(seen.files.dir),
    limitBytes: inside?.sizeBytes,
  });
  noteChange();
  const uncover = coverExit(known);
  let forget: (() => void) | undefined;
  return {
    pressure,
    watchAgent: () => {
      forget ??= watchDescent(releaseOptions);
    },
    stop: () => {
      stopKeeping();
      stopHearing();
      pressure.stop();
      forget?.();
    },
    uncover,
  };
}
