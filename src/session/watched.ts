// One watchdog for all sessions of this process: there from before the first directory is made until the last
// one is gone.
import { startWatchdog, type Watchdog } from './watchdog.js';

let watchdog: Watchdog | undefined;
let sessions = 0;

/**
 * Opens a session under the watchdog's eyes. `open` is synchronous: the watchdog remembers only the last
 * directory announced, the one that may not have a lease yet.
 */
export function watched<T extends { onGone(callback: () => void): void }>(
  wanted: boolean,
  open: (announce: Watchdog['opening']) => T,
): T {
  if (!wanted) return open(() => undefined);
  sessions += 1;
  try {
    watchdog ??= startWatchdog();
    const session = open((dir) => watchdog?.opening(dir));
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
