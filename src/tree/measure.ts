// How much is in a tree and when it was last used. Times of files only: a directory's atime is moved by every
// reader, ourselves included, and its mtime does not move when something deeper is written.
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';
import type { Mount } from '../root/mounts.js';
import { paceUntil } from './directory.js';
import { knownUse, lastUse, type ReadsNoted, readsNotedIn } from './last-use.js';
import { openTree } from './open-tree.js';
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
  /** The same at the latest: a read may have left no trace. */
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
 * Measures everything below `dir`, yielding to the event loop now and then. What is mounted there is
 * another's: removing the tree does not free it. What cannot be read is left out. Never throws the system's
 * errors.
 */
export async function measure(
  dir: string,
  { until = monotonicMs() + MOST_MS, mounts }: MeasureOptions = {},
): Promise<Measure> {
  const sum = { bytes: 0, entries: 0, newestAt: 0, lastUseAt: 0, isPartial: false };
  const tree = quietly(() => openTree(rawPath(dir), mounts));
  if (!tree) return sum;
  const freed = reclaimable();
  let noted: ReadsNoted | undefined;
  try {
    const { stoppedAt } = await walk(tree, {
      pace: paceUntil(until),
      enter: ({ name, stat }) => {
        if (name === '') return;
        sum.entries += 1;
        freed.add(stat);
      },
      entry: ({ base }, name) => {
        const stat = quietly(() => fs.lstatSync(forSystem(`${base}/${name}`)));
        if (!stat) return;
        sum.entries += 1;
        freed.add(stat);
        noted ??= readsNotedIn(asText(tree.path), tree.mounts);
        sum.newestAt = Math.max(sum.newestAt, knownUse(stat, Date.now()));
        sum.lastUseAt = Math.max(sum.lastUseAt, lastUse(stat, noted, Date.now()));
      },
    });
    return { ...sum, bytes: freed.bytes, isPartial: stoppedAt !== undefined };
  } finally {
    tree.close();
  }
}

const MOST_MS = 60_000;
