// Where a directory that is missing would be made.
import { dirname } from 'node:path';
import { attempt, fs } from '../fs.js';

/** `path`, or the deepest directory above it that is there; resolved. */
export function nearestExisting(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    const real = attempt(() => fs.realpathSync.native(at));
    if (real !== undefined && attempt(() => fs.statSync(real))?.isDirectory()) return real;
    if (at === dirname(at)) return at;
  }
}
