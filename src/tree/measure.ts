// How much is in a tree, and when it was last used. Only times of files count: every reader, ourselves
// included, moves a directory's atime, and a write deeper down does not move its mtime.
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';
import type { Mount } from '../root/mounts.js';
import { paceUntil } from './directory.js';
import { knownUse, lastUse, type ReadsNoted, readsNotedIn } from './last-use.js';
import { inTree, type Tree } from './open-tree.js';
import { asText, forSystem, rawPath } from './raw-path.js';
import { reclaimable, type Size } from './reclaimable.js';
import { walk } from './walk.js';

/** `bytes`: at least that. `entries`: below it. */
export interface Measure extends Size {
  /** When one of its files was used, as its times say, ms since 1970; 0 when there are none. */
  newestAt: number;
  /** The same, with reads that may have left no trace; see last-use.ts. */
  lastUseAt: number;
  /** Time ran out: there is more than that. */
  isPartial: boolean;
}

export interface MeasureOptions {
  /** Stop then (`monotonicMs()`); by default after a minute, since somebody may add to it all the time. */
  until?: number | undefined;
  mounts?: readonly Mount[];
}

/**
 * Measures everything below `dir`, except mounts: removing the tree does not free them. Yields to the event
 * loop. What cannot be read is left out. Never throws the system's errors.
 */
export async function measure(
  dir: string,
  { until = monotonicMs() + MOST_MS, mounts }: MeasureOptions = {},
): Promise<Measure> {
  const times = { newestAt: 0, lastUseAt: 0 };
  const freed = reclaimable();
  let noted: ReadsNoted | undefined;
  const look = (tree: Tree) =>
    walk(tree, {
      pace: paceUntil(until),
      enter: ({ name, stat }) => name !== '' && freed.add(stat),
      entry: ({ base }, name) => {
        const stat = quietly(() => fs.lstatSync(forSystem(`${base}/${name}`)));
        if (!stat) return;
        freed.add(stat);
        noted ??= readsNotedIn(asText(tree.path), tree.mounts);
        times.newestAt = Math.max(times.newestAt, knownUse(stat, Date.now()));
        times.lastUseAt = Math.max(times.lastUseAt, lastUse(stat, noted, Date.now()));
      },
    });
  const walked = await inTree(rawPath(dir), look, mounts);
  return { ...freed.size(), ...times, isPartial: walked?.stoppedAt !== undefined };
}

/** Of `measure` what a report says: what removing the tree frees. */
export async function sizeOf(dir: string): Promise<Size> {
  const { bytes, entries } = await measure(dir);
  return { bytes, entries };
}

const MOST_MS = 60_000;
