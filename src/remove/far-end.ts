// The half of some trees that rm comes to last. A path into a tree may be led elsewhere by whoever swaps a directory on it for a link: so
// each directory is opened in the one above, no link is followed, and what is named is named by descriptors.
import { basename, dirname } from 'node:path';
import { fs, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, quietly } from '../fs.js';
import { batches } from '../process/shares.js';
import { mountsUnder, readMounts } from '../root/mounts.js';
import { FIRST_INHERITED } from './run.js';

/**
 * Calls `use` with names of directories, the last one first, as a child finds them that inherits `descriptors`; gives undefined
 * where there are too few to share. Never throws the system's errors.
 */
export function atTheFarEnd<T>(
  trees: readonly string[],
  use: (names: string[], descriptors: readonly number[]) => T,
): T | undefined {
  const left = trees.filter((tree) => quietly(() => fs.lstatSync(tree)) !== undefined);
  if (left.length >= ENOUGH) return use(firstBatch(farHalf(left)), []);
  const mounts = quietly(readMounts);
  if (!mounts || left.some((tree) => mountsUnder(tree, mounts).length > 0)) return undefined;
  const descent: Descent = { open: [], entriesLeft: MAX_ENTRIES };
  try {
    const places = descend(
      left.flatMap((tree) => treePlace(tree, descent)),
      descent,
    );
    if (places.length < 2) return undefined;
    // rm takes what it is told for a file system of its own.
    const sure = farHalf(places)
      .slice(0, MAX_NAMES)
      .filter((place) => isOnItsDevice(place, descent));
    return sure.length === 0 ? undefined : use(firstBatch(sure.map(nameForChild)), descent.open);
  } finally {
    for (const fd of descent.open) fs.closeSync(fd);
  }
}

const farHalf = <T>(all: readonly T[]): T[] => all.slice(Math.floor(all.length / 2)).reverse();

function firstBatch(names: readonly string[]): string[] {
  const [first = []] = batches(names);
  return first;
}

/** A directory by its name in one that is open. */
interface Place {
  /** Index of that one. */
  parent: number;
  name: string;
  /** Of its tree. */
  device: number;
  /** None below it is to be named. */
  isLeaf: boolean;
}

interface Descent {
  open: number[];
  /** How many more entries may be read. */
  entriesLeft: number;
}

function treePlace(tree: string, descent: Descent): Place[] {
  const parent = open(dirname(tree), descent);
  const device = quietly(() => fs.lstatSync(tree).dev);
  if (parent === undefined || device === undefined) return [];
  return [{ parent, name: basename(tree), device, isLeaf: false }];
}

/** Level by level, in the order of their entries, until there are enough. */
function descend(places: readonly Place[], descent: Descent): readonly Place[] {
  if (places.length >= ENOUGH || places.every(({ isLeaf }) => isLeaf)) return places;
  return descend(
    places.flatMap((place) => directoriesIn(place, descent)),
    descent,
  );
}

/** Itself where there are none. */
function directoriesIn(place: Place, descent: Descent): Place[] {
  const leaf = [{ ...place, isLeaf: true }];
  if (place.isLeaf || !isOnItsDevice(place, descent)) return leaf;
  const parent = open(pathOf(place, descent), descent);
  const names = parent === undefined ? [] : subdirectories(descent, parent);
  return parent === undefined || names.length === 0
    ? leaf
    : names.map((name) => ({ ...place, parent, name }));
}

const isOnItsDevice = (place: Place, descent: Descent): boolean =>
  quietly(() => fs.lstatSync(pathOf(place, descent)).dev) === place.device;

function subdirectories(descent: Descent, index: number): string[] {
  const directory = quietly(() => fs.opendirSync(pathOfOpen(descent, index), { bufferSize: 256 }));
  if (!directory) return [];
  const names: string[] = [];
  try {
    for (; descent.entriesLeft > 0; descent.entriesLeft -= 1) {
      const entry = quietly(() => directory.readSync());
      if (!entry) break;
      if (entry.isDirectory()) names.push(entry.name);
    }
    return names;
  } finally {
    directory.closeSync();
  }
}

/** Gives its index. */
function open(path: string, { open }: Descent): number | undefined {
  if (open.length >= MAX_OPEN) return undefined;
  const fd = quietly(() => fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return fd === undefined ? undefined : open.push(fd) - 1;
}

const pathOfOpen = ({ open }: Descent, index: number): string => `/proc/self/fd/${open[index]}`;
const pathOf = ({ parent, name }: Place, descent: Descent): string =>
  `${pathOfOpen(descent, parent)}/${name}`;
const nameForChild = ({ parent, name }: Place): string => `/proc/self/fd/${FIRST_INHERITED + parent}/${name}`;

const ENOUGH = 16;
// Milliseconds, again and again, of what may be a server's main thread.
const MAX_ENTRIES = 500;
const MAX_NAMES = 100;
const MAX_OPEN = 64;
