// Waits until nothing changes any more: agents and qw-run go on cleaning up for a moment after they ended.
import { setTimeout as pause } from 'node:timers/promises';
import { LOOK, type Seen, WATCHDOG } from './processes.js';
import type { LeftFile } from './row.js';

export interface Left {
  files: LeftFile[];
  processes: Seen[];
}

const LIMIT_MS = 60_000;

/** Looks until it saw the same for long enough. */
export async function settled(look: () => Left): Promise<Left> {
  const startedAt = Date.now();
  let last = look();
  let sameSince = Date.now();
  while (Date.now() - sameSince < quietOf(last) && Date.now() - startedAt < LIMIT_MS) {
    await pause(100);
    const now = look();
    if (fingerprint(now) !== fingerprint(last)) sameSince = Date.now();
    last = now;
  }
  return last;
}

/**
 * The watchdog looks every 2 s; where it ends what is left, that has a grace period of 20 s. One that takes the place
 * of another may be missed by a look.
 */
function quietOf({ processes }: Left): number {
  if (processes.length === 0) return 1_000;
  if (processes.some(({ name }) => name === LOOK)) return 25_000;
  return processes.some(({ name }) => name === WATCHDOG) ? 8_000 : 2_000;
}

const fingerprint = ({ files, processes }: Left): string =>
  JSON.stringify([files.map(({ path }) => path), processes.map(({ pid }) => pid)]);
