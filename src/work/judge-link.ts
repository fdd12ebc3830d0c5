// Is a directory with a `.git` file somebody's work? Yes, where git's record of it lies outside and no other
// existing directory has a better claim to that record: a worktree that was added or moved here, the working
// tree of a repository elsewhere. A copy is none: the original has it all.
import { dirname } from 'node:path';
import { statOf } from '../fs.js';
import { isGone, isSame, type SameAs } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';
import { type Destination, destinationOf, isInside, mayBeHidden } from './destination.js';
import { coreWorktree } from './git-config.js';
import { from, gitText, leadsTo, textIn } from './git-link.js';
import { readSmall } from './read-small.js';
import type { Judged } from './work.js';

/** What a judgement needs to know. */
export interface Surroundings {
  /** The TMPDIR. */
  top: Dir;
  /** Where that was before it was moved away: git's records name it so. */
  was?: RawPath | undefined;
  /** Mounts that are never asked. */
  mayHang: (path: RawPath) => boolean;
}

/** A directory by its path, with what it is. */
export interface Dir extends SameAs {
  path: RawPath;
}

type Found = Extract<Destination, { state: 'there' }>;

/**
 * What the directory `here`, whose `.git` names `target`, is; `inside` when its record lies in the TMPDIR
 * too. Doubt makes it work.
 */
export function judgeLink(
  here: Dir,
  target: RawPath,
  { top, mayHang }: Surroundings,
): Judged | 'inside' | undefined {
  const gitdir = destinationOf(target, mayHang);
  if (gitdir.state === 'gone')
    return WORKTREE.test(target) && mayBeHidden(target, mayHang) ? doubtful(target) : undefined;
  if (gitdir.state === 'unknown') return gitdir.path.startsWith(`${top.path}/`) ? 'inside' : doubtful(target);
  if (!gitdir.stat.isDirectory()) return undefined;
  if (isInside(gitdir.path, top)) return 'inside';
  return judgeRecord(here, gitdir, mayHang);
}

/** The same for a record that is known, wherever it lies. */
export function judgeRecord(here: Dir, gitdir: Found, mayHang: Surroundings['mayHang']): Judged | undefined {
  const common = readSmall(`${gitdir.path}/commondir`);
  const isWorktree = common !== 'gone';
  const needed = isWorktree ? ['HEAD'] : ['HEAD', 'objects', 'refs']; // as git tells a repository
  if (needed.some((name) => lacks(`${gitdir.path}/${name}`))) return undefined;
  const back = isWorktree ? worktreeBack(gitdir.path) : configBack(gitdir.path);
  const whose = back === undefined ? 'ours' : claimOf(here, back, gitdir, mayHang);
  if (whose === 'another') return undefined;
  const main = mainOf(gitdir.path, textIn(common), mayHang);
  const judged = { gitdir: asText(gitdir.path), ...branchOf(gitdir.path) };
  if (!isWorktree) return { kind: 'separate-git-dir', ...judged };
  return {
    kind: 'worktree',
    ...judged,
    ...(main === undefined ? {} : { repository: asText(main) }),
    ...(whose === 'moved' ? { isMoved: true } : {}),
    ...(has(`${gitdir.path}/locked`) ? { isLocked: true } : {}),
    ...(has(`${gitdir.path}/modules`) ? { hasSubmodules: true } : {}),
  };
}

/** The record of a worktree, and the repository it lies in. */
const WORKTREE = /^(.*)\/worktrees\/[^/]+\/?$/s;

/** The record cannot be looked at: its path says what it would be. */
function doubtful(target: RawPath): Judged {
  const [, main] = WORKTREE.exec(target) ?? [];
  if (main === undefined) return { kind: 'separate-git-dir', gitdir: asText(target) };
  return { kind: 'worktree', gitdir: asText(target), repository: asText(withoutDotGit(main)) };
}

/** The record names: this place (`ours`), one that is gone (`moved`), one with a better claim (`another`). */
function claimOf(here: Dir, back: RawPath, gitdir: Found, mayHang: Surroundings['mayHang']) {
  const place = destinationOf(back, mayHang);
  if (place.state === 'gone') return 'moved';
  if (place.state === 'unknown') return 'ours';
  if (isSame(place.stat, here)) return 'ours';
  const leads = leadsTo(place.path, gitdir.stat, mayHang);
  if (leads === undefined) return 'ours';
  return leads ? 'another' : 'moved';
}

/** The worktree that a `record`, which lies `at`, names: its `gitdir` holds the path of a `.git`. */
export function worktreeBack(record: RawPath, at = record): RawPath | undefined {
  const named = gitText(`${record}/gitdir`);
  return named ? dirname(from(at, named)) : undefined;
}

/** The directory that a repository's config names; `config.worktree` where worktrees have their own. */
function configBack(gitdir: RawPath): RawPath | undefined {
  const named = ['config.worktree', 'config']
    .map((name) => coreWorktree(gitText(`${gitdir}/${name}`, MAX_CONFIG_BYTES) ?? ''))
    .find((worktree) => worktree !== undefined);
  return named === undefined ? undefined : from(gitdir, named);
}

/** The directory of the main repository, without its `.git`. */
function mainOf(gitdir: RawPath, commondir: string | undefined, mayHang: Surroundings['mayHang']) {
  const common = commondir === undefined ? undefined : destinationOf(from(gitdir, commondir), mayHang);
  return common && common.state !== 'gone' ? withoutDotGit(common.path) : undefined;
}

/** The repository behind the record `target`, of a worktree the main one; undefined where it is not seen. */
export function commonOf(target: RawPath, mayHang: Surroundings['mayHang']): RawPath | undefined {
  const gitdir = destinationOf(target, mayHang);
  if (gitdir.state !== 'there') return undefined;
  const commondir = gitText(`${gitdir.path}/commondir`);
  const common = commondir === undefined ? gitdir : destinationOf(from(gitdir.path, commondir), mayHang);
  return common.state === 'there' ? common.path : undefined;
}

const withoutDotGit = (path: RawPath): RawPath => path.replace(/(?<=.)\/\.git$/s, '');

/** The branch that `HEAD` in a record names; none where a commit is checked out. */
export function branchOf(gitdir: RawPath): { branch?: string } {
  const [, branch] = /^ref: refs\/heads\/(.+?)\s*$/.exec(gitText(`${gitdir}/HEAD`) ?? '') ?? [];
  // With reftable this file is only a stand-in.
  return branch === undefined || branch === '.invalid' ? {} : { branch: asText(branch) };
}

/** Whether nothing is at `path`; a link counts as itself. Not where that cannot be told. */
export const lacks = (path: RawPath): boolean => isGone(forSystem(path));
/** Whether something is. Not where that cannot be told. */
export const has = (path: RawPath): boolean => statOf(forSystem(path)) !== undefined;

const MAX_CONFIG_BYTES = 256 * 1024;
