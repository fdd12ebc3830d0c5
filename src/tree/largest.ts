// What takes the space below a directory? Asked at the end of a session, so it must not delay that: each
// entry gets its share of the time, and leaves what it does not need to the others.
import { monotonicMs } from '../clock.js';
import { fs, quietly, type Stats } from '../fs.js';
import { paceUntil } from './directory.js';
import { inTree, type Tree } from './open-tree.js';
import { asText, forSystem, join, type RawPath, rawPath } from './raw-path.js';
import { type FileFacts, type Reclaimable, reclaimable, type Size } from './reclaimable.js';
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
  onSize?(size: Size): void;
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
  const freed = reclaimable();
  let most: Largest[] = [];
  const tell = ({ path, ...entry }: Largest) => {
    if (entry.bytes <= (most[limit - 1]?.bytes ?? 0)) return;
    most = [...most, { path: asText(path), ...entry }].sort((a, b) => b.bytes - a.bytes).slice(0, limit);
  };
  await inTree(rawPath(dir), async (tree) => {
    const directories = await list(tree, until, (path, stat) =>
      tell({ path, bytes: added(freed, stat), isPartial: false }),
    );
    for (const [at, name] of directories.entries()) {
      const now = monotonicMs();
      const part = Math.max(0, until - now) / (directories.length - at);
      tell(await weigh(tree, name, freed, now + part));
    }
    onSize(freed.size());
  });
  return most;
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

/** The directory `name` at the top of `whole`. */
async function weigh(whole: Tree, name: RawPath, freed: Reclaimable, until: number): Promise<Largest> {
  const way: Weight[] = [];
  const weighIn = (part: Weight) => {
    const above = way.at(-1);
    if (!above) return;
    above.bytes += part.bytes;
    if (part.bytes > (above.heaviest?.bytes ?? 0)) above.heaviest = part;
  };
  const weight = (named: RawPath, stat: FileFacts | undefined): Weight => ({
    name: named,
    bytes: added(freed, stat),
    heaviest: undefined,
  });
  const look = (tree: Tree) =>
    walk(tree, {
      pace: paceUntil(until),
      enter: (directory) => way.push(weight(directory.name || name, directory.stat)),
      entry: ({ base }, file) => weighIn(weight(file, lookAt(`${base}/${file}`))),
      leave: () => weighIn(narrowed(way.pop() as Weight)),
    });
  const walked = await inTree(`${whole.top}/${name}`, look, whole.mounts);
  while (way.length > 1) weighIn(way.pop() as Weight);
  const [top = weight(name, undefined)] = way;
  const isPartial = walked?.stoppedAt !== undefined;
  const { name: path, bytes } = isPartial ? top : narrowed(top);
  return { path, bytes, isPartial };
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

const added = (freed: Reclaimable, stat: FileFacts | undefined): number => (stat ? freed.add(stat) : 0);

const lookAt = (path: RawPath) => quietly(() => fs.lstatSync(forSystem(path)));
const NEARLY_ALL = 0.9;
const LISTED_AT_LEAST = 1_000;
