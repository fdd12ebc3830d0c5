// The one remover: removes a tree on the walk, through descriptors. A directory swapped for a link leads it
// nowhere: each entry is named in a directory that is held open, and unlink(2) and rmdir(2) follow no link. A
// directory of ours that is closed to us gets our permission. Files never do: their mode is shared with their
// other names.
import { codeOf, fs, type OpenDirectory, quietly, type Stats, systemError, whileOpen } from '../fs.js';
import type { Mount } from '../root/mounts.js';
import { isDescriptor, isGone, isMissing, paceUntil } from '../tree/directory.js';
import { inTree, openTree, type Tree } from '../tree/open-tree.js';
import { asText, forSystem, join, type RawPath, rawPath } from '../tree/raw-path.js';
import { walk } from '../tree/walk.js';
import type { Trouble } from './failure.js';

export interface Doomed {
  /** Where it lies. */
  dir: OpenDirectory;
  name: string;
  /** The path that people know it by. */
  shown: string;
  mounts: readonly Mount[];
}

export interface Removal {
  isGone: boolean;
  /** The first thing in the way: others follow from it, mostly. */
  trouble: Trouble | undefined;
}

/**
 * Removes a tree, and goes on after what it cannot remove. `isSmall`: stops in the middle of a large one.
 * Without procfs no directory is removed. Yields to the event loop. Never throws the system's errors.
 */
export async function removeTree(doomed: Doomed, isSmall = false): Promise<Removal> {
  const self = `${rawPath(doomed.dir.base)}/${rawPath(doomed.name)}`;
  const left = isSmall ? SMALL_ENTRIES : Number.POSITIVE_INFINITY;
  const work: Work = { ...doomed, self, isSmall, left, removed: 0, trouble: undefined };
  // Again as long as somebody puts more there, but not for ever.
  for (let round = 0; round < MOST_ROUNDS && work.left >= 0; round += 1) {
    const before = work.removed;
    work.trouble = undefined;
    await removeOnce(work);
    if (isGone(forSystem(self))) return { isGone: true, trouble: undefined };
    const isStuck = work.trouble && !CHANGING.has((work.trouble as Trouble).code);
    if (work.removed === before || isStuck) break;
  }
  return { isGone: false, trouble: work.trouble };
}

interface Work extends Doomed {
  self: RawPath;
  isSmall: boolean;
  /** How many entries may still go. */
  left: number;
  removed: number;
  trouble: Trouble | undefined;
}

async function removeOnce(work: Work): Promise<void> {
  const { self } = work;
  try {
    if (!fs.lstatSync(forSystem(self)).isDirectory()) return unlink(work, self, TOP);
    await removeContents(work);
    if (work.left >= 0) act(work, self, TOP, fs.rmdirSync);
  } catch (error) {
    note(work, error, self, TOP);
  }
}

async function removeContents(work: Work): Promise<void> {
  const { stoppedAt } = await whileOpen(openTree(work.self, work.mounts), (tree) => {
    if (!isDescriptor(tree.top)) throw systemError('ENOTSUP', 'by path');
    return walk(tree, {
      access: 'given',
      pace: paceUntil(Number.POSITIVE_INFINITY),
      isOver: () => work.left < 0,
      enter: ({ stat }) => void isAllowed(work, stat),
      entry: ({ base, path }, name) => unlink(work, `${base}/${name}`, () => join(path(), name)),
      leave: ({ base, path }, name) => act(work, `${base}/${name}`, () => join(path(), name), fs.rmdirSync),
      refused: (error, path) => note(work, error, join(work.self, path), () => path),
    });
  });
  const isLost = stoppedAt !== undefined && !work.trouble;
  if (isLost) work.trouble = { path: shownIn(work, stoppedAt), code: 'ENOTEMPTY', uid: undefined };
}

/** Whether all of it may be removed in this process. Nothing of it goes. */
export async function isSmallTree(dir: OpenDirectory, name: string): Promise<boolean> {
  const count = { isSmall: true, left: SMALL_ENTRIES };
  const add = (stat: Stats | undefined) => stat && void isAllowed(count, stat);
  const look = (tree: Tree) =>
    walk(tree, {
      pace: paceUntil(Number.POSITIVE_INFINITY),
      isOver: () => count.left < 0,
      enter: ({ stat }) => add(stat),
      entry: ({ base }, entry) => add(quietly(() => fs.lstatSync(forSystem(`${base}/${entry}`)))),
    });
  const walked = await inTree(`${rawPath(dir.base)}/${rawPath(name)}`, look, []);
  return walked !== undefined && count.left >= 0;
}

/** Counts an entry; false once the tree is not small any more. */
function isAllowed(work: Pick<Work, 'isSmall' | 'left'>, { blocks }: Stats): boolean {
  work.left = work.isSmall && blocks > SMALL_BLOCKS ? -1 : work.left - 1;
  return work.left >= 0;
}

const unlink = (work: Work, path: RawPath, below: Below): void =>
  act(work, path, below, (entry) => {
    if (!work.isSmall || isAllowed(work, fs.lstatSync(entry))) fs.unlinkSync(entry);
  });

/** A path below the tree, made only where it is reported. */
type Below = () => RawPath;
const TOP: Below = () => '';

function act(work: Work, path: RawPath, below: Below, call: (path: string | Buffer) => void): void {
  try {
    call(forSystem(path));
    work.removed += 1;
  } catch (error) {
    note(work, error, path, below);
  }
}

function note(work: Work, error: unknown, path: RawPath, below: Below): void {
  if (isMissing(error)) return;
  work.trouble ??= { path: shownIn(work, below()), code: codeOf(error) ?? '', uid: inTheWay(path) };
}

const shownIn = ({ shown }: Doomed, below: RawPath): string => asText(join(rawPath(shown), below));

/** The owner of the entry; where that is us, of its directory, which refused then. */
function inTheWay(path: RawPath): number | undefined {
  const uidOf = (entry: RawPath) => quietly(() => fs.lstatSync(forSystem(entry)))?.uid;
  const own = uidOf(path);
  return own === process.getuid?.() ? uidOf(`${path.slice(0, path.lastIndexOf('/'))}/.`) : own;
}

/** Worth another round: somebody changes the tree, or very large directories lie in each other. */
const CHANGING = new Set(['ENOTEMPTY', 'EEXIST', 'EISDIR', 'EMFILE']);
const MOST_ROUNDS = 20;
const SMALL_ENTRIES = 64; // starting `rm` costs more; and a server's event loop waits for us
const SMALL_BLOCKS = 2_048; // 1 MiB: freeing much takes time
