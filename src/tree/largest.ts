// What takes the space below a directory? Asked at the end of a session, so it must not delay that: each
// entry gets its share of the time, and leaves what it does not need to the others.
import { monotonicMs } from '../clock.js';
import { fs, quietly, type Stats } from '../fs.js';
import type { Mount } from '../root/mounts.js';
import { paceUntil } from './directory.js';
import { openTree, type Tree } from './open-tree.js';
import { asText, forSystem, join, type RawPath, rawPath } from './raw-path.js';
import { type FileFacts, type Reclaimable, reclaimable } from './reclaimable.js';
import { walk } from './walk.js';

export interface Largest {
  /** Relative to the directory. */
  path: string;
  /** What removing it would free, at least. */
  bytes: number;
  /** Time ran out before all of it was seen: there may be more in it. */
  isPartial: boolean;
}

export interface LargestOptions {
  withinMs?: number;
  limit?: number;
  /** Hears how much was seen in all. */
  onSize?(size: { bytes: number; entries: number }): void;
}

/**
 * The largest entries, largest first, none of 0 bytes. An entry that is nearly all of its directory stands
 * for that. Yields to the event loop. What cannot be read is left out.
 */
export async function largest(
  dir: string,
  { withinMs = 50, limit = 3, onSize = () => {} }: LargestOptions = {},
): Promise<Largest[]> {
  const until = monotonicMs() + withinMs;
  const tree = quietly(() => openTree(rawPath(dir)));
  if (!tree) return [];
  const freed = reclaimable();
  let most: Largest[] = [];
  const tell = ({ path, ...entry }: Largest) => {
    if (entry.bytes <= (most[limit - 1]?.bytes ?? 0)) return;
    most = [...most, { path: asText(path), ...entry }].sort((a, b) => b.bytes - a.bytes).slice(0, limit);
  };
  try {
    const directories = await list(tree, until, (path, stat) =>
      tell({ path, bytes: added(freed, stat), isPartial: false }),
    );
    for (const [at, name] of directories.entries()) {
      const now = monotonicMs();
      const part = Math.max(0, until - now) / (directories.length - at);
      const { mounts } = tree;
      tell(await weigh({ dir: `${tree.top}/${name}`, name, freed, mounts, until: now + part }));
    }
    onSize({ bytes: freed.bytes, entries: freed.count });
    return most;
  } finally {
    tree.close();
  }
}

/** Reports the files of the top, returns its directories. Sees some of each, however little time there is. */
async function list(
  tree: Tree,
  until: number,
  tell: (name: RawPath, stat: Stats | undefined) => void,
): Promise<readonly RawPath[]> {
  let directories: readonly RawPath[] = [];
  let seen = 0;
  await walk(tree, {
    pace: paceUntil(Number.POSITIVE_INFINITY),
    isOver: () => seen > LISTED_AT_LEAST && monotonicMs() > until,
    entry: ({ base }, name) => {
      seen += 1;
      tell(name, lookAt(`${base}/${name}`));
    },
    isEntered: (_, { subdirectories }) => {
      directories = subdirectories.filter((name) => !tree.isMount?.(name));
      return false;
    },
  });
  return directories;
}

interface Subtree {
  dir: RawPath;
  name: RawPath;
  freed: Reclaimable;
  mounts: readonly Mount[];
  until: number;
}

async function weigh({ dir, name, freed, mounts, until }: Subtree): Promise<Largest> {
  const tree = quietly(() => openTree(dir, mounts));
  if (!tree) return { path: name, bytes: 0, isPartial: false };
  const way: Weight[] = [];
  const weighIn = (part: Weight) => {
    const whole = way.at(-1);
    if (!whole) return;
    whole.bytes += part.bytes;
    if (part.bytes > (whole.heaviest?.bytes ?? 0)) whole.heaviest = part;
  };
  try {
    const { stoppedAt } = await walk(tree, {
      pace: paceUntil(until),
      enter: (directory) =>
        way.push({ name: directory.name || name, bytes: added(freed, directory.stat), heaviest: undefined }),
      entry: ({ base }, file) =>
        weighIn({ name: file, bytes: added(freed, lookAt(`${base}/${file}`)), heaviest: undefined }),
      leave: () => weighIn(narrowed(way.pop() as Weight)),
    });
    while (way.length > 1) weighIn(way.pop() as Weight);
    const [top = { name, bytes: 0, heaviest: undefined }] = way;
    const isPartial = stoppedAt !== undefined;
    const { name: path, bytes } = isPartial ? top : narrowed(top);
    return { path, bytes, isPartial };
  } finally {
    tree.close();
  }
}

interface Weight {
  /** Below the directory that it lies in. */
  name: RawPath;
  bytes: number;
  heaviest: Weight | undefined;
}

/** A file deep in `claude-1000` that is nearly all of it says more than that name. */
const narrowed = (weight: Weight): Weight =>
  weight.heaviest && weight.heaviest.bytes >= weight.bytes * NEARLY_ALL
    ? { ...weight.heaviest, name: join(weight.name, weight.heaviest.name) }
    : weight;

/** What one more of them frees. */
function added(freed: Reclaimable, stat: FileFacts | undefined): number {
  const before = freed.bytes;
  if (stat) freed.add(stat);
  return freed.bytes - before;
}

const lookAt = (path: RawPath) => quietly(() => fs.lstatSync(forSystem(path)));
const NEARLY_ALL = 0.9;
const LISTED_AT_LEAST = 1_000;
