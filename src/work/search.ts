// The search in one TMPDIR: each directory is asked what it is, and what lies in work is not asked any more.
import { isMissing, openDirectory, type Pace } from '../tree/directory.js';
import type { Tree } from '../tree/open-tree.js';
import { join, type RawPath } from '../tree/raw-path.js';
import type { Directory, Names, Visitor } from '../tree/visitor.js';
import { walk } from '../tree/walk.js';
import { from, gitLink } from './git-link.js';
import { type Here, judgeLink, judgeRecord, type Surroundings } from './judge-link.js';
import { judgeRepository } from './judge-repository.js';
import { placeOf } from './place.js';
import type { Judged } from './work.js';

export interface Search extends Surroundings {
  pace: Pace;
  found: Found[];
  /** Directories whose record lies in the TMPDIR too: work where that repository is. */
  inside: { here: Here; target: RawPath }[];
  /** The first place that could not be looked at. */
  unseen: RawPath | undefined;
}

export interface Found {
  /** Below the TMPDIR. */
  path: RawPath;
  judged: Judged;
  /** Of a repository: its record, which worktrees in here may hang on. */
  record?: RawPath;
}

/** Fills in what is found in `tree`. */
export async function searchIn(tree: Tree, search: Search): Promise<void> {
  const { isMount } = tree;
  const isEntered: Visitor['isEntered'] = (directory, names) =>
    !isPromising(names) || isWork(search, { ...directory, ...names, isMount }).then((isFound) => !isFound);
  const { pace } = search;
  const { leftOut, stoppedAt } = await walk(tree, { isEntered, mark: '.git', access: 'lent', pace });
  search.unseen ??= stoppedAt ?? leftOut;
  addTheirWorktrees(search);
  search.found = outermost(search.found);
}

interface Visited extends Directory, Names, Pick<Tree, 'isMount'> {}

/** Most are not: of them no more is asked. */
const isPromising = ({ isMarked, subdirectories }: Names): boolean =>
  isMarked !== false || subdirectories.includes('worktrees');

/** Whether the directory is work as a whole. */
async function isWork(search: Search, directory: Visited): Promise<boolean> {
  const { base, isMount, subdirectories } = directory;
  const git = () => join(directory.path(), '.git');
  const link = isMount?.(git()) ? 'none' : gitLink(base);
  if (link === 'unreadable') search.unseen ??= git();
  if (link === 'directory') return isRepository(search, `${base}/.git`, git(), directory.path());
  if (typeof link === 'object' && isLinked(search, directory, link.target)) return true;
  if (!subdirectories.includes('worktrees')) return false;
  const path = directory.path();
  const isLookedAt = path === '.git' || path.endsWith('/.git');
  return !isLookedAt && isRepository(search, base, path, path);
}

function isLinked(search: Search, { path, stat }: Directory, written: RawPath): boolean {
  const here = { path: join(search.top.path, path()), dev: stat.dev, ino: stat.ino };
  const target = from(here.path, written);
  const judged = judgeLink(here, target, search);
  if (judged !== 'inside') return judged !== undefined && add(search, { path: path(), judged });
  if (search.inside.length < MAX_INSIDE) search.inside.push({ here, target });
  else search.unseen ??= path();
  return false;
}

/** The repository at `path` makes work of the directory `whole`. */
async function isRepository(search: Search, base: RawPath, path: RawPath, whole: RawPath): Promise<boolean> {
  try {
    const open = openDirectory(base.endsWith('/.git') ? base : `${base}/.`);
    try {
      const record = join(search.top.path, path);
      const judged = await judgeRepository(open.base, record, search, search.pace);
      if (judged !== 'partial') return judged !== undefined && add(search, { path: whole, judged, record });
    } finally {
      open.close();
    }
  } catch (error) {
    if (isMissing(error)) return false;
  }
  search.unseen ??= path;
  return false;
}

/** True, for what was added. */
function add(search: Search, found: Found): boolean {
  if (search.found.length < MAX_FOUND) search.found.push(found);
  else search.unseen ??= found.path;
  return true;
}

/** What hangs on a repository that is work is work as well, though both are in here. */
function addTheirWorktrees(search: Search): void {
  const records = search.found.flatMap(({ record }) => record ?? []);
  if (records.length === 0) return;
  for (const { here, target } of search.inside) {
    const place = placeOf(target, search.mayHang);
    if (place.state !== 'there' || !records.some((record) => isAtOrBelow(record, place.path))) continue;
    const judged = judgeRecord(here, place, search.mayHang);
    if (judged) add(search, { path: here.path.slice(search.top.path.length + 1), judged });
  }
}

/** Without what lies in other work. */
const outermost = (found: readonly Found[]): Found[] =>
  found.filter(({ path }) => !found.some((other) => other.path !== path && isAtOrBelow(other.path, path)));

const isAtOrBelow = (dir: RawPath, path: RawPath): boolean =>
  dir === '' || path === dir || path.startsWith(`${dir}/`);

const MAX_FOUND = 1_000;
const MAX_INSIDE = 10_000;
