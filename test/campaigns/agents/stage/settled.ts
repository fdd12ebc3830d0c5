// Waits until nothing changes any more: agents and qw-run go on cleaning up for a moment after they ended.
import { setTimeout as pause } from 'node:timers/promises';
import { LOOK, type Seen, WATCHDOG } from './processes.js';
import type { LeftFile } from './row.js';

export interface Left {
  files: LeftFile[];
  processes: Seen[];
}

const LIMIT_MS = 60_000;

/** Looks until it saw the same for long enough; at once where no process is left. */
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

/** The watchdog looks every 2 s, and a grace period has 5 s. */
function quietOf({ processes }: Left): number {
  if (processes.length === 0) return 0;
  return processes.some(({ name }) => name === WATCHDOG || name === LOOK) ? 8_000 : 2_000;
}

const fingerprint = ({ files, processes }: Left): string =>
  JSON.stringify([files.map(({ path }) => path), processes.map(({ pid }) => pid)]);
