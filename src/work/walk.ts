// Goes through all directories of a tree that somebody may be changing: each is opened in the one above, no
// link is followed, no mount entered. Any depth and any number of entries with bounded memory and
// descriptors: names are taken by the piece, and above the last levels directories are closed, to be found
// again by `..`, which must lead to the same one.
import { codeOf, fs, quietly } from '../fs.js';
import type { DirectoryStat, Pace } from './directory.js';
import { closeLevel, type Level, MARK, openAbove, openLevel, readOn } from './level.js';
import { isMissing } from './place.js';
import { forSystem, join, type RawPath } from './raw-path.js';

export interface Directory {
  /** A name for it that stays, see `openDirectory`. */
  base: RawPath;
  /** Below the top, empty for the top itself. */
  path: () => RawPath;
  dev: number;
  ino: number;
  /** Of its subdirectories those that were read first, all but in the largest. */
  subdirectories: readonly string[];
  /** Whether it has an entry called `MARK`; undefined where it was not read to its end. */
  isMarked: boolean | undefined;
}

export interface WalkOptions {
  /** What is not entered, by its path below the top. */
  isMount?: ((path: RawPath) => boolean) | undefined;
  /** Whether to go on into it. Not asked where there are neither subdirectories nor a `MARK`. */
  visit: (directory: Directory) => boolean | Promise<boolean>;
  pace: Pace;
}

/** The first place that was left out, or where the walk had to stop; undefined when all was seen. */
export type Unseen = { path: RawPath } | undefined;

interface State extends WalkOptions {
  levels: Level[];
  unseen: Unseen;
  isCounting: boolean;
}

/** Walks the tree at `top`. Never throws the system's errors. */
export async function walk(top: RawPath, options: WalkOptions): Promise<Unseen> {
  const state: State = { ...options, levels: [], unseen: undefined, isCounting: countsSubdirectories(top) };
  const { levels, pace } = state;
  try {
    await enter(state, top, '');
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      if (pace.isDue() && !(await pace.goOn())) return { path: pathOf(levels) };
      const going = step(state, level);
      if (!(going === true || (await going))) return { path: pathOf(levels) };
    }
    return state.unseen;
  } finally {
    while (levels.length > 0) goUp(levels);
  }
}

/**
 * Into the next directory of the last level, or back. False when there is no way on. Waits only where it
 * has to.
 */
function step(state: State, level: Level): boolean | Promise<boolean> {
  const name = level.pending.pop();
  if (name !== undefined) return enterBelow(state, level, name);
  if (level.isRead) return goUp(state.levels);
  return readMore(state, level);
}

async function readMore(state: State, level: Level): Promise<true> {
  try {
    await readOn(level, state.pace);
  } catch (error) {
    level.isRead = true;
    leaveOut(state, error);
  }
  return true;
}

function enterBelow(state: State, above: Level, name: string): true | Promise<true> {
  const self = `${above.open?.base}/${name}`;
  if (state.isMount) {
    const path = join(pathOf(state.levels), name);
    if (state.isMount(path)) return true;
    if (state.isMount(join(path, MARK))) return enter(state, self, name);
  }
  const known = state.isCounting ? quietly(() => look(self)) : undefined;
  return known?.isPlain ? true : enter(state, self, name, known?.stat);
}

/** Plain: with no subdirectories and no mark there is nothing to see. */
function look(self: RawPath) {
  const stat = fs.lstatSync(forSystem(self));
  const isPlain = stat.nlink === 2 && !fs.lstatSync(forSystem(`${self}/${MARK}`), { throwIfNoEntry: false });
  return { stat, isPlain };
}

async function enter(state: State, self: RawPath, name: string, known?: DirectoryStat): Promise<true> {
  const { levels } = state;
  let level: Level;
  try {
    level = openLevel(self, name, state.isCounting, known);
  } catch (error) {
    // What is gone, or no directory any more, is not left out.
    if (!isMissing(error)) leaveOut(state, error, name);
    return true;
  }
  levels.push(level);
  try {
    if (await isEntered(state, level)) return true;
  } catch (error) {
    leaveOut(state, error);
  }
  goUp(levels);
  return true;
}

function isEntered(state: State, level: Level): boolean | Promise<boolean> {
  const reading = level.isRead ? undefined : readOn(level, state.pace);
  return reading ? reading.then(() => isGoneInto(state, level)) : isGoneInto(state, level);
}

async function isGoneInto(state: State, level: Level): Promise<boolean> {
  const { levels, visit } = state;
  const { open, dev, ino, pending: subdirectories, isMarked } = level;
  const path = () => pathOf(levels);
  if (!(await visit({ base: open?.base ?? '', path, dev, ino, subdirectories, isMarked }))) return false;
  if (level.listing && levels.filter(({ listing }) => listing).length > MAX_LISTINGS) {
    state.unseen ??= { path: path() };
    return false;
  }
  const far = levels.at(-1 - MAX_OPEN);
  far?.open?.close();
  if (far) far.open = undefined;
  return true;
}

/** Leaves the last level. False when what it was found in is not there any more. */
function goUp(levels: Level[]): boolean {
  const level = levels.pop();
  const above = levels.at(-1);
  const isBack = !level || !above || openAbove(above, level);
  if (level) closeLevel(level);
  return isBack;
}

/** An open directory that cannot be read is not gone, whatever the system says. */
function leaveOut(state: State, error: unknown, name = ''): void {
  if (codeOf(error) === undefined) throw error;
  state.unseen ??= { path: join(pathOf(state.levels), name) };
}

const pathOf = (levels: readonly Level[]): RawPath =>
  levels
    .slice(1)
    .map(({ name }) => name)
    .join('/');

/**
 * Whether a directory's count of links is 2 and one for each subdirectory. Elsewhere (btrfs, overlay …) it
 * says nothing.
 */
const countsSubdirectories = (dir: RawPath): boolean =>
  COUNTING.has(quietly(() => fs.statfsSync(forSystem(dir)))?.type ?? 0);

/** statfs(2): ext2 to ext4 (1 where there are too many), XFS, tmpfs. */
const COUNTING = new Set([0xef53, 0x58465342, 0x01021994]);
const MAX_OPEN = 32;
const MAX_LISTINGS = 32; // of directories with thousands of subdirectories, in each other
