// One watchdog for all sessions of this process: there from before the first directory is made until the last one is gone.
import { startWatchdog, type Watchdog } from './watchdog.js';

let watchdog: Watchdog | undefined;
let sessions = 0;
let opening: Promise<unknown> = Promise.resolve();

/**
 * Opens a session under the watchdog's eyes. One after the other: the watchdog remembers only the last directory
 * announced, the one that may not have a lease yet.
 */
export function watched<T extends { onGone(callback: () => void): void }>(
  wanted: boolean,
  open: (announce: (dir: string) => void) => Promise<T>,
): Promise<T> {
  if (!wanted) return open(() => {});
  const result = opening.then(() => openWatched(open));
  opening = result.catch(() => {});
  return result;
}

async function openWatched<T extends { onGone(callback: () => void): void }>(
  open: (announce: (dir: string) => void) => Promise<T>,
): Promise<T> {
  sessions += 1;
  watchdog ??= startWatchdog();
  try {
    const session = await open((dir) => watchdog?.opening(dir));
    session.onGone(leave);
    return session;
  } catch (error) {
    leave();
    throw error;
  }
}

function leave(): void {
  sessions -= 1;
  if (sessions > 0) return;
  watchdog?.dismiss();
  watchdog = undefined;
}
