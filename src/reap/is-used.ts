// Is what was moved out of the way in use after all? Somebody may have come back between the look and the rename.
import type { Snapshot } from '../process/snapshot.js';
import { isWithin, tmpDir } from '../root/layout.js';

/** Somebody holds something of what was moved to `trashed`, or has its TMPDIR where it was: in `dir`. */
export const isUsed = ({ processes, strays }: Snapshot, trashed: string, dir: string): boolean =>
  strays.some((hold) => hold.dir === trashed) ||
  [...processes.values()].some(
    ({ holds, tmpdir }) =>
      holds.some((hold) => hold.dir === trashed) || (tmpdir !== undefined && isWithin(tmpDir(dir), tmpdir)),
  );
