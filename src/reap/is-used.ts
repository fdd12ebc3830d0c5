// Is what was moved out of the way in use after all? Somebody may have come back between the look and the rename.
import { heldDirs, type Snapshot } from '../process/snapshot.js';
import { isWithin, tmpDir } from '../root/layout.js';

/**
 * Tells of a look, with both directories of each among the watched ones, whether somebody holds something of what was moved to
 * `trashed`, or has a socket bound (it says its old path) or TMPDIR where it was: in `dir`.
 */
export function usage(snapshot: Snapshot): (trashed: string, dir: string) => boolean {
  const held = heldDirs(snapshot);
  const tmpdirs = [...snapshot.processes.values()].flatMap(({ tmpdir }) => tmpdir ?? []);
  return (trashed, dir) => {
    if (held.has(trashed) || held.has(dir)) return true;
    const tmp = tmpDir(dir);
    return tmpdirs.some((tmpdir) => isWithin(tmp, tmpdir));
  };
}
