// A session that ended while somebody still used its TMPDIR: looked at again until they are gone, as long as
// we live. After us the watchdog does the same.
import { type Release, release } from '../end/release.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { fs } from '../fs.js';

/** Looks every 2 s at first, every 30 s later; calls `onGone` once. Does not keep the process alive. */
export function lingerUntilRemoved(facts: () => ReleaseOptions, onGone: () => void): void {
  const { lastSeenAt } = facts(); // the end: processes that start later cannot have been part of it
  let looks = 0;
  const again = () => {
    looks += 1;
    setTimeout(lookAgain, looks < SOON_LOOKS ? SOON_MS : LATER_MS).unref();
  };
  const lookAgain = async () => {
    const options = { ...facts(), lastSeenAt };
    if (isStillThere(await release(options), options.dir)) again();
    else onGone();
  };
  again();
}

/** Held by somebody, or refused because something is mounted inside. */
export const isStillThere = ({ state }: Release, dir: string): boolean =>
  state === 'held' || (state === 'failed' && fs.existsSync(dir));

const SOON_LOOKS = 15;
const SOON_MS = 2_000;
const LATER_MS = 30_000;
