// How much is in a tree, and when it was last used. Only times of files count: every reader, ourselves
// included, moves a directory's atime, and a write deeper down does not move its mtime.
import { monotonicMs } from '../clock.js';
import { fs, quietly, type Stats } from '../fs.js';
import type { Mount } from '../root/mounts.js';
import { paceUntil } from './directory.js';
import { knownUse, lastUse, type ReadsNoted, readsNotedIn } from './last-use.js';
import { inTree, type Tree } from './open-tree.js';
import { asText, forSystem, rawPath } from './raw-path.js';
import { reclaimable } from './reclaimable.js';
import { walk } from './walk.js';

export interface Measure {
  /** What removing it would free, at least. */
  bytes: number;
  /** Files and directories below it. */
  entries: number;
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
  const sum = { entries: 0, newestAt: 0, lastUseAt: 0 };
  const freed = reclaimable();
  const add = (stat: Stats) => {
    sum.entries += 1;
    freed.add(stat);
  };
  let noted: ReadsNoted | undefined;
  const look = (tree: Tree) =>
    walk(tree, {
      pace: paceUntil(until),
      enter: ({ name, stat }) => name !== '' && add(stat),
      entry: ({ base }, name) => {
        const stat = quietly(() => fs.lstatSync(forSystem(`${base}/${name}`)));
        if (!stat) return;
        add(stat);
        noted ??= readsNotedIn(asText(tree.path), tree.mounts);
        sum.newestAt = Math.max(sum.newestAt, knownUse(stat, Date.now()));
        sum.lastUseAt = Math.max(sum.lastUseAt, lastUse(stat, noted, Date.now()));
      },
    });
  const walked = await inTree(rawPath(dir), look, mounts);
  return { ...sum, bytes: freed.bytes, isPartial: walked?.stoppedAt !== undefined };
}

/** Of `measure` what a report says: what removing the tree frees. */
export async function sizeOf(dir: string): Promise<{ bytes: number; entries: number }> {
  const { bytes, entries } = await measure(dir);
  return { bytes, entries };
}

const MOST_MS = 60_000;
