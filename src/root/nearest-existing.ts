// Where a directory that is missing would be made, and on what.
import { dirname } from 'node:path';
import { attempt, fs } from '../fs.js';
import { type Mount, mountOf } from './mounts.js';
import { muteOn } from './mute.js';

/** What `path` is on, or would be. */
export const mountFor = (path: string, mounts: readonly Mount[]): Mount | undefined =>
  muteOn(path, mounts) ?? mountOf(nearestExisting(path), mounts);

/** `path`, or the deepest directory above it that is there; resolved. */
export function nearestExisting(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    const real = attempt(() => fs.realpathSync.native(at));
    if (real !== undefined && attempt(() => fs.statSync(real))?.isDirectory()) return real;
    if (at === dirname(at)) return at;
  }
}
