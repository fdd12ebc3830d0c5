// What a search for work has found so far, and what it could not look at.
import { statOf } from '../fs.js';
import { isWithin } from '../root/layout.js';
import { ownUid } from '../root/trusted.js';
import type { Pace } from '../tree/directory.js';
import type { Tree } from '../tree/open-tree.js';
import { forSystem, join, type RawPath } from '../tree/raw-path.js';
import { branchOf, type Dir, lacks, type Surroundings } from './judge-link.js';
import type { Judged } from './work.js';

export interface Search extends Surroundings, Pick<Tree, 'isMount'> {
  pace: Pace;
  found: Found[];
  /** Directories whose record lies in the TMPDIR too: work where that repository is. */
  inside: { here: Dir; target: RawPath }[];
  /** Repositories on which nothing outside depends. */
  temp: { path: RawPath; branch?: string }[];
  /** The first place that could not be looked at. */
  unseen: RawPath | undefined;
}

export interface Found {
  /** Below the TMPDIR. */
  path: RawPath;
  judged: Judged;
  /** Of a repository: its record, which worktrees in here may hang on. */
  record?: RawPath;
  /** Of what is linked to a repository elsewhere: that. */
  main?: RawPath | undefined;
}

/** No repository has no HEAD. */
export function addTemp(search: Search, path: RawPath, record: RawPath): void {
  if (search.temp.length < MAX_TEMP && !lacks(`${record}/HEAD`))
    search.temp.push({ path, ...branchOf(record) });
}

/** Notes what could not be looked at: of several one of ours, since another user's stays in any case. */
export function miss(search: Search, path: RawPath): void {
  const isTheirs = (place: RawPath) => ownerAt(join(search.top.path, place)) !== ownUid();
  if (search.unseen === undefined || (isTheirs(search.unseen) && !isTheirs(path))) search.unseen = path;
}

/** The uid of what is at `path`; of the directory around it, where that cannot be looked into. */
export function ownerAt(path: RawPath): number | undefined {
  const stat = statOf(forSystem(path));
  return stat?.uid ?? (path === '' ? undefined : ownerAt(path.slice(0, path.lastIndexOf('/'))));
}

/** True, for what was added. */
export function add(search: Search, found: Found): boolean {
  if (search.found.length < MAX_FOUND) search.found.push(found);
  else miss(search, found.path);
  return true;
}

/** Without what lies in other work. */
export const outermost = (found: readonly Found[]): Found[] =>
  found.filter(({ path }) => !found.some((other) => other.path !== path && isAtOrBelow(other.path, path)));

export const isAtOrBelow = (dir: RawPath, path: RawPath): boolean => dir === '' || isWithin(dir, path);

const MAX_FOUND = 1_000;
const MAX_TEMP = 32; // they are only reported
