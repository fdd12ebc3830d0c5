// A tree to walk: held open, and its mounts are known before anything in it is touched.
import { fs, openDirectory, quietly, type Stats, whileOpen } from '../fs.js';
import { type Mount, mountsUnder, readMounts } from '../root/mounts.js';
import { asText, forSystem, join, type RawPath } from './raw-path.js';

export interface Tree {
  /** A name for it; see `openDirectory`. */
  base: RawPath;
  /** The same, to open it by. */
  top: RawPath;
  /** Without links, as the table of mounts has it. */
  path: RawPath;
  stat: Stats;
  /** By the path below the top. Undefined where nothing is mounted in it: nothing is looked up then. */
  isMount: ((path: RawPath) => boolean) | undefined;
  /** The same, with the mounts of now. */
  isMountNow(path: RawPath): boolean;
  /** All that was mounted when it was opened. */
  mounts: readonly Mount[];
  close(): void;
}

/** Opens the directory `dir`. Throws the system's error; `ENOTDIR` for a link. */
export function openTree(dir: RawPath, mounts: readonly Mount[] = readMounts()): Tree {
  const { base, stat, close } = openDirectory(forSystem(dir));
  const path =
    quietly(() => fs.readlinkSync(base, 'latin1')) ?? quietly(() => fs.realpathSync(dir, 'latin1')) ?? dir;
  const pointsIn = (table: readonly Mount[]) => {
    const text = asText(path);
    return new Set(mountsUnder(text, table).filter((point) => point !== text));
  };
  const points = pointsIn(mounts);
  const isAmong = (all: ReadonlySet<string>, below: RawPath) => all.has(asText(join(path, below)));
  return {
    base,
    top: `${base}/.`,
    path,
    stat,
    isMount: points.size === 0 ? undefined : (below) => isAmong(points, below),
    isMountNow: (below) => isAmong(pointsIn(readMounts()), below),
    mounts,
    close,
  };
}

/** Runs `use` with the tree of `dir` open; undefined where it cannot be opened. */
export async function inTree<T>(
  dir: RawPath,
  use: (tree: Tree) => Promise<T>,
  mounts?: readonly Mount[],
): Promise<T | undefined> {
  const tree = quietly(() => openTree(dir, mounts));
  return tree && whileOpen(tree, use);
}
