// Sessions that end together share looks at the processes: whoever asks before a look has begun shares it;
// whoever asks while it runs gets the next one.
import { setImmediate as turn } from 'node:timers/promises';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';

/** `isRepeat`: the caller has just looked, so only new processes have to be read. */
export type TakeLook = (isRepeat: boolean) => Promise<ProcessTable>;

export function sharedLook(roots: readonly string[], take = takeTable): TakeLook {
  let latest: ProcessTable | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let next: { isRepeat: boolean; table: Promise<ProcessTable> } | undefined;
  const begin = async () => {
    await running.catch(() => {});
    await turn(); // all whose timers end in this turn of the event loop
    const isRepeat = next?.isRepeat === true;
    next = undefined;
    latest = await take({ roots }, isRepeat ? latest : undefined);
    return latest;
  };
  return (isRepeat) => {
    if (next) {
      next.isRepeat &&= isRepeat;
      return next.table;
    }
    const table = begin();
    next = { isRepeat, table };
    running = table;
    return table;
  };
}
