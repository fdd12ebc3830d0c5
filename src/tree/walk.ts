// The one walk of a tree that somebody may be changing: each directory is opened in the one above, no link is
// followed, no mount entered. Memory and descriptors are bounded at any depth and number of entries: names
// are read by the piece, and directories far above are closed; `..` must lead back to the same one. The
// visitor counts, searches or removes.
import { fs, type openDirectory, quietly, systemCode, systemError } from '../fs.js';
import { isMissing } from './directory.js';
import { fromInside } from './from-inside.js';
import { closeLevel, expectEntries, type Level, openAbove, openLevel, readOn, stopReading } from './level.js';
import type { Tree } from './open-tree.js';
import { forSystem, join, type RawPath } from './raw-path.js';
import type { Directory, Walked, WalkOptions } from './visitor.js';

interface State extends WalkOptions, Pick<Tree, 'isMount' | 'isMountNow'> {
  levels: Level[];
  walked: Walked;
  isCounting: boolean;
  devices: Set<number>;
}

/** Walks a tree; what is mounted in it is passed over. Never throws the system's errors. */
export async function walk(tree: Tree, options: WalkOptions): Promise<Walked> {
  const { top, isMount, isMountNow } = tree;
  const known = { isMount, isMountNow, isCounting: countsSubdirectories(top) };
  const state: State = { ...options, ...known, levels: [], walked: {}, devices: new Set() };
  const { levels, pace, walked } = state;
  const stopped = (): Walked => ({ ...walked, stoppedAt: pathOf(levels) });
  try {
    const entered = enter(state, top, '', { base: tree.base, stat: tree.stat, close: () => {} });
    if (!(entered === true || (await entered))) return stopped();
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      if (pace.isDue() && !(await pace.goOn())) return stopped();
      if (state.isOver?.()) return walked;
      const going = step(state, level);
      if (!(going === true || (await going))) return stopped();
    }
    return walked;
  } finally {
    while (levels.length > 0) goUp(state, false);
  }
}

/** Looks at some entries, enters the next directory, or goes up. False when it cannot go on. */
function step(state: State, level: Level): boolean | Promise<boolean> {
  if (level.batch.length > 0) return lookAtSome(state, level);
  const name = level.pending.pop();
  if (name !== undefined) return enterBelow(state, level, name);
  return level.isRead ? goUp(state, true) : read(state, level);
}

function read(state: State, level: Level): true {
  try {
    readOn(level);
  } catch (error) {
    stopReading(level);
    leaveOut(state, error);
  }
  return true;
}

function lookAtSome(state: State, level: Level): true {
  const entries = level.batch.splice(-AT_ONCE);
  if (!state.entry) return sort(state, level, entries);
  return fromInside(level.open?.base ?? '', (base) => sort(state, level, entries, base));
}

/** Directories wait to be entered; the visitor gets the other entries. */
function sort(state: State, level: Level, entries: Level['batch'], base?: RawPath): true {
  const { entry, isMount, levels, mark } = state;
  const directory = directoryOf(levels);
  if (base !== undefined) directory.base = base;
  for (const found of entries) {
    const { name } = found;
    if (name === mark) level.isMarked = true;
    if (found.isDirectory()) {
      level.pending.push(name);
      level.unmet -= 1;
      if (level.unmet === 0) stopReading(level);
    } else if (entry && !isMount?.(join(directory.path(), name))) entry(directory, name);
  }
  return true;
}

function enterBelow(state: State, above: Level, name: string): boolean | Promise<boolean> {
  const { levels, isMount } = state;
  if (isMount?.(join(pathOf(levels), name))) return true;
  if (above.listing && levels.filter(({ listing }) => listing).length > MAX_LISTINGS) {
    leaveOut(state, systemError('EMFILE', 'too many large directories'), name);
    return true;
  }
  return enter(state, `${above.open?.base}/${name}`, name);
}

function enter(
  state: State,
  self: RawPath,
  name: string,
  open?: ReturnType<typeof openDirectory>,
): boolean | Promise<boolean> {
  const { levels } = state;
  let level: Level;
  try {
    level = openLevel(self, name, state.access ?? 'as it is', open);
  } catch (error) {
    leaveOut(state, error, name);
    return true;
  }
  levels.push(level);
  if (isOfAnother(state, level)) {
    leaveOut(state, systemError('EBUSY', 'something is mounted here'));
    return goUp(state, false);
  }
  if (state.isCounting) expectEntries(level, state.entry === undefined);
  const far = levels.at(-1 - MAX_OPEN);
  far?.open?.close();
  if (far) far.open = undefined;
  state.enter?.(directoryOf(levels));
  return state.isEntered ? askToEnter(state, level) : true;
}

/** Whether it is a mount that the table does not have: a new one, or one of another namespace. */
function isOfAnother({ devices, isMountNow, levels }: State, level: Level): boolean {
  const { dev } = level.stat;
  if (devices.has(dev)) return false;
  const isPart = () => isSubvolume(level) && quietly(() => isMountNow(pathOf(levels))) === false;
  if (levels.length > 1 && !isPart()) return true;
  devices.add(dev);
  return false;
}

/** A part of a btrfs file system with a device number of its own: its top has the inode 256. */
const isSubvolume = ({ stat, open }: Level): boolean =>
  stat.ino === 256 && quietly(() => fs.statfsSync(forSystem(open?.base ?? '')))?.type === 0x9123683e;

/** Asks once its names are read. Only of a large directory, or where the visitor waits, is that later. */
function askToEnter(state: State, level: Level): boolean | Promise<boolean> {
  const { levels, pace } = state;
  for (;;) {
    if (!level.isRead) read(state, level);
    while (level.batch.length > 0) lookAtSome(state, level);
    if (level.isRead || level.pending.length >= MANY_PENDING || state.isOver?.()) break;
    if (pace.isDue()) return pace.goOn().then((goes) => goes && askToEnter(state, level));
  }
  const isMarked = level.isMarked || (level.isReadWhole ? false : undefined);
  const answer = state.isEntered?.(directoryOf(levels), { subdirectories: level.pending, isMarked });
  const goOn = (isEntered: boolean | undefined) => isEntered !== false || goUp(state, false);
  return answer instanceof Promise ? answer.then(goOn) : goOn(answer);
}

/** Leaves the last level. False when the directory above is not there any more. */
function goUp(state: State, isDone: boolean): boolean {
  const { levels, leave } = state;
  const level = levels.pop();
  const above = levels.at(-1);
  const isBack = !level || !above || openAbove(above, level);
  if (level) closeLevel(level);
  if (level && above && isBack && isDone) leave?.(directoryOf(levels), level.name);
  return isBack;
}

function leaveOut(state: State, error: unknown, name = ''): void {
  systemCode(error);
  const path = join(pathOf(state.levels), name);
  // What is gone, or is no directory any more, is not left out. An open directory is there in any case.
  if (name === '' || !isMissing(error)) state.walked.leftOut ??= path;
  state.refused?.(error, path);
}

function directoryOf(levels: readonly Level[]): Directory {
  const { name, open, stat } = levels.at(-1) as Level;
  return { base: open?.base ?? '', name, stat, path: () => pathOf(levels) };
}

const pathOf = (levels: readonly Level[]): RawPath =>
  levels
    .slice(1)
    .map(({ name }) => name)
    .join('/');

/** Whether a directory has 2 links and one for each subdirectory: not on btrfs, overlay, … */
const countsSubdirectories = (dir: RawPath): boolean =>
  COUNTING.has(quietly(() => fs.statfsSync(forSystem(dir)))?.type ?? 0);

/** statfs(2): ext2 to ext4 (1 where there are too many), XFS, tmpfs. */
const COUNTING = new Set([0xef53, 0x58465342, 0x01021994]);
const AT_ONCE = 64;
const MAX_OPEN = 32;
const MAX_LISTINGS = 32; // of directories with thousands of subdirectories, in each other
const MANY_PENDING = 1_024;
