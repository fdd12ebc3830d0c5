// Finds what is in a session's TMPDIR and is not temp: git worktrees, and repositories that have worktrees
// outside. It asks of each directory what it is, but not inside work. It executes nothing (git included),
// writes nothing, and never asks a mount with a server, which may be dead.
import { monotonicMs } from '../clock.js';
import { inDirectory, whileOpen } from '../fs.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { isMissing, paceUntil } from '../tree/directory.js';
import { openTree, type Tree } from '../tree/open-tree.js';
import { asText, bytesOf, forSystem, join, type RawPath, rawPath } from '../tree/raw-path.js';
import type { Directory, Names, Visitor } from '../tree/visitor.js';
import { walk } from '../tree/walk.js';
import { destinationOf, hangingMounts } from './destination.js';
import { from, gitLink } from './git-link.js';
import { commonOf, judgeLink, judgeRecord } from './judge-link.js';
import { judgeRepository } from './judge-repository.js';
import { lendersOf } from './lenders.js';
import { add, addTemp, isAtOrBelow, miss, outermost, type Search } from './search.js';
import type { FoundWork } from './work.js';

export interface FindOptions {
  /** Give up then (`monotonicMs()`); by default after five minutes. */
  until?: number;
  mounts?: readonly Mount[];
  /** Where it was before it was claimed. */
  was?: string | undefined;
}

/**
 * What in the TMPDIR is work. `unseen`: not all of it could be looked at, so there may be more. Mounts in it
 * are not looked at, nor what lies in work. Never throws the system's errors.
 */
export async function findWork(
  tmpdir: string,
  { until = monotonicMs() + MOST_MS, mounts = readMounts(), was }: FindOptions = {},
): Promise<FoundWork> {
  const below = (path: RawPath) => join(rawPath(tmpdir), path);
  try {
    const { found, temp, unseen } = await whileOpen(openTree(rawPath(tmpdir), mounts), (tree) =>
      searchIn(tree, until, was === undefined ? undefined : rawPath(was)),
    );
    const work = found.map(({ path, judged }) => {
      return { path: asText(below(path)), bytes: bytesOf(below(path)), ...judged };
    });
    const repositories = temp.map(({ path, branch = null }) => ({ path: asText(below(path)), branch }));
    return { work, repositories, unseen: unseen === undefined ? undefined : asText(below(unseen)) };
  } catch (error) {
    return { work: [], repositories: [], unseen: isMissing(error) ? undefined : tmpdir };
  }
}

async function searchIn(tree: Tree, until: number, was?: RawPath): Promise<Search> {
  const { path, stat, mounts, isMount } = tree;
  const pace = paceUntil(until);
  const top = { path, dev: stat.dev, ino: stat.ino };
  const mayHang = hangingMounts(mounts, path);
  const known = { top, was, mayHang, isMount, pace };
  const search: Search = { ...known, found: [], inside: [], temp: [], unseen: undefined };
  const isEntered: Visitor['isEntered'] = (directory, names) => {
    if (!isPromising(names)) return true;
    const isFound = isWork(search, directory, names);
    return typeof isFound === 'boolean' ? !isFound : isFound.then((it) => !it);
  };
  const refused: Visitor['refused'] = (error, at) => void (isMissing(error) || miss(search, at));
  const how = { isEntered, refused, mark: '.git', access: 'lent', pace } as const;
  const { leftOut, stoppedAt } = await walk(tree, how);
  if (leftOut !== undefined) miss(search, leftOut);
  if (stoppedAt !== undefined) search.unseen = ''; // all that comes behind it, wherever that was
  addTheirWorktrees(search);
  addLenders(search);
  return { ...search, found: outermost(search.found) };
}

/** Most directories are not. */
const isPromising = ({ isMarked, subdirectories }: Names): boolean =>
  isMarked !== false || subdirectories.includes('worktrees');

/** Whether the directory is work as a whole. */
function isWork(search: Search, directory: Directory, { subdirectories }: Names): boolean | Promise<boolean> {
  const { base } = directory;
  const git = () => join(directory.path(), '.git');
  const link = search.isMount?.(git()) ? 'none' : gitLink(base);
  if (link === 'unreadable') miss(search, git());
  if (link === 'directory') return isRepository(search, `${base}/.git`, git(), directory.path());
  if (typeof link === 'object' && isLinked(search, directory, link.target)) return true;
  if (!subdirectories.includes('worktrees')) return false;
  const path = directory.path();
  const isLookedAt = path === '.git' || path.endsWith('/.git');
  return !isLookedAt && isRepository(search, `${base}/.`, path, path);
}

function isLinked(search: Search, { path, stat }: Directory, written: RawPath): boolean {
  const here = { path: join(search.top.path, path()), dev: stat.dev, ino: stat.ino };
  const target = from(here.path, written);
  const judged = judgeLink(here, target, search);
  if (judged !== 'inside')
    return (
      judged !== undefined && add(search, { path: path(), judged, main: commonOf(target, search.mayHang) })
    );
  if (search.inside.length < MAX_INSIDE) search.inside.push({ here, target });
  else miss(search, path());
  return false;
}

/** The repository at `path` makes work of the directory `whole`. */
async function isRepository(search: Search, base: RawPath, path: RawPath, whole: RawPath): Promise<boolean> {
  try {
    const record = join(search.top.path, path);
    const judged = await inDirectory(forSystem(base), async (open) => {
      const found = await judgeRepository(open, record, search, search.pace);
      if (found === undefined) addTemp(search, whole, open);
      return found;
    });
    if (judged !== 'partial') return judged !== undefined && add(search, { path: whole, judged, record });
  } catch (error) {
    if (isMissing(error)) return false;
  }
  miss(search, path);
  return false;
}

/** What hangs on a repository that is work is work as well, though both are in here. */
function addTheirWorktrees(search: Search): void {
  const records = search.found.flatMap(({ record }) => record ?? []);
  if (records.length === 0) return;
  for (const { here, target } of search.inside) {
    const place = destinationOf(target, search.mayHang);
    if (place.state !== 'there' || !records.some((record) => isAtOrBelow(record, place.path))) continue;
    const judged = judgeRecord(here, place, search.mayHang);
    if (judged) add(search, { path: here.path.slice(search.top.path.length + 1), judged });
  }
}

/** What work borrows objects of is work as well. */
function addLenders(search: Search): void {
  const repositories = search.found.flatMap(({ record, main }) => record ?? main ?? []);
  const { lenders, unseen } = lendersOf(repositories, search);
  for (const lender of lenders) add(search, lender);
  if (unseen !== undefined) miss(search, unseen);
}

const MAX_INSIDE = 10_000;
const MOST_MS = 5 * 60_000; // what is not seen by then stays
