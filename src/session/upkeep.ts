// What goes on beside a session while it is open: it is kept alive, its file system and the agent's
// descendants are watched, and an exit of this process is covered.

import { isAlive } from '../process/identity.js';
import { fullNote } from '../root/layout.js';
import { coverExit } from './exit-hook.js';
import { keepAlive } from './keep-alive.js';
import type { Known } from './known.js';
import { type Pressure, watchPressure } from './pressure.js';
import { noteChange } from './session-ends.js';
import { watchDescent } from './sightings.js';
import { onSizeSeen } from './sizes-seen.js';

export interface Upkeep {
  lastPressure(): Pressure | undefined;
  onPressure(listener: (pressure: Pressure) => unknown): () => void;
  /** From now on there is an agent. */
  watchAgent(): void;
  /** Stops all but the cover; gives what a last look at the file system says. */
  stop(): Pressure | undefined;
  /** The session is over: an exit of this process is none of its business any more. */
  uncover(): void;
}

export function upkeep(known: Known): Upkeep {
  const { root, dir, lease, memory, inside, settings, facts, receipts } = known;
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
    note: fullNote(inside?.marker.dir ?? dir),
    limitBytes: inside?.sizeBytes,
  });
  noteChange();
  const uncover = coverExit({ sayEnding: lease.setEnding, facts, isWatched: settings.watchdog });
  let forget: (() => void) | undefined;
  return {
    lastPressure: pressure.found,
    onPressure: pressure.listen,
    watchAgent: () => {
      forget ??= watchDescent(facts);
    },
    stop: () => {
      stopKeeping();
      stopHearing();
      pressure.stop();
      forget?.();
      return pressure.look();
    },
    uncover,
  };
}
