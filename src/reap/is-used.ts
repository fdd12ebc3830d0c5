// Is what was moved out of the way in use after all? Somebody may have come back between the look and the rename.
import { heldDirs, NO_LOOK, type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { abandon } from '../remove/trash.js';
import { isWithin, tmpDir } from '../root/layout.js';

/**
 * Looks once more at what was moved out of the way: `trashed`, each with where it was. What nobody can look at is given back to the next
 * pass: with our claim nobody would take it as long as we live. Throws the system's error then.
 */
export async function lookOnceMore(
  moved: readonly { trashed: string; dir: string }[],
): Promise<(trashed: string, dir: string) => boolean> {
  if (moved.length === 0) return usage(NO_LOOK);
  try {
    return usage(
      await takeSnapshot({ roots: [], dirs: new Set(moved.flatMap(({ trashed, dir }) => [dir, trashed])) }),
    );
  } catch (error) {
    for (const { trashed } of moved) abandon(trashed);
    throw error;
  }
}

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
