// Is a directory with a `.git` file somebody's work? Yes, where git's record of it lies outside and no other
// existing directory has a better claim to that record: a worktree that was added or moved here, the working
// tree of a repository elsewhere. A copy is none: the original has it all.
import { dirname } from 'node:path';
import { fs } from '../fs.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';
import { coreWorktree } from './git-config.js';
import { from, LINE_ENDS, leadsTo } from './git-link.js';
import { isInside, type Place, placeOf } from './place.js';
import { readSmall } from './read-small.js';
import type { Judged } from './work.js';

/** What a judgement needs to know. */
export interface Surroundings {
  /** The TMPDIR. */
  top: Here;
  /** Mounts that are never asked. */
  mayHang: (path: RawPath) => boolean;
}

/** A directory by its path, with what it is. */
export interface Here extends SameAs {
  path: RawPath;
}

type Found = Extract<Place, { state: 'there' }>;

/**
 * What the directory `here`, whose `.git` names `target`, is; `inside` when its record lies in the TMPDIR
 * too. Doubt makes it work.
 */
export function judgeLink(
  here: Here,
  target: RawPath,
  { top, mayHang }: Surroundings,
): Judged | 'inside' | undefined {
  const gitdir = placeOf(target, mayHang);
  if (gitdir.state === 'gone') return undefined;
  if (gitdir.state === 'unknown') return gitdir.path.startsWith(`${top.path}/`) ? 'inside' : doubtful(target);
  if (!gitdir.stat.isDirectory()) return undefined;
  if (isInside(gitdir.path, top)) return 'inside';
  return judgeRecord(here, gitdir, mayHang);
}

/** The same for a record that is known, wherever it lies. */
export function judgeRecord(here: Here, gitdir: Found, mayHang: Surroundings['mayHang']): Judged | undefined {
  const common = readSmall(`${gitdir.path}/commondir`);
  const isWorktree = common !== 'gone';
  const needed = isWorktree ? ['HEAD'] : ['HEAD', 'objects', 'refs']; // as git tells a repository
  if (needed.some((name) => look(`${gitdir.path}/${name}`) === 'gone')) return undefined;
  const back = isWorktree ? worktreeBack(gitdir.path) : configBack(gitdir.path);
  const whose = back === undefined ? 'ours' : claimOf(here, back, gitdir, mayHang);
  if (whose === 'another') return undefined;
  const main = typeof common === 'string' ? undefined : mainOf(gitdir.path, common.text, mayHang);
  const judged = { gitdir: asText(gitdir.path), ...branchOf(gitdir.path) };
  if (!isWorktree) return { kind: 'separate-git-dir', ...judged };
  return {
    kind: 'worktree',
    ...judged,
    ...(main === undefined ? {} : { repository: asText(main) }),
    ...(whose === 'moved' ? { isMoved: true } : {}),
    ...(look(`${gitdir.path}/locked`) === 'there' ? { isLocked: true } : {}),
    ...(look(`${gitdir.path}/modules`) === 'there' ? { hasSubmodules: true } : {}),
  };
}

/** The record cannot be looked at: its path says what it would be. */
function doubtful(target: RawPath): Judged {
  const [, main] = /^(.*)\/worktrees\/[^/]+\/?$/s.exec(target) ?? [];
  if (main === undefined) return { kind: 'separate-git-dir', gitdir: asText(target) };
  return { kind: 'worktree', gitdir: asText(target), repository: asText(withoutDotGit(main)) };
}

/**
 * `ours`: the record names this place. `moved`: it names one that is no longer there. `another`: one that
 * has a better claim.
 */
function claimOf(here: Here, back: RawPath, gitdir: Found, mayHang: Surroundings['mayHang']) {
  const place = placeOf(back, mayHang);
  if (place.state === 'gone') return 'moved';
  if (place.state === 'unknown') return 'ours';
  if (isSame(place.stat, here)) return 'ours';
  const leads = leadsTo(place.path, gitdir.stat, mayHang);
  if (leads === undefined) return 'ours';
  return leads ? 'another' : 'moved';
}

/** The directory that a worktree's record names: `gitdir` there holds the path of its `.git`. */
function worktreeBack(gitdir: RawPath): RawPath | undefined {
  const read = readSmall(`${gitdir}/gitdir`);
  if (typeof read === 'string') return undefined;
  const named = read.text.replace(LINE_ENDS, '');
  return named === '' ? undefined : dirname(from(gitdir, named));
}

/**
 * The directory that a repository's config names; `config.worktree` where worktrees have configs of their
 * own.
 */
function configBack(gitdir: RawPath): RawPath | undefined {
  for (const name of ['config.worktree', 'config']) {
    const read = readSmall(`${gitdir}/${name}`, MAX_CONFIG_BYTES);
    const named = typeof read === 'string' ? undefined : coreWorktree(read.text);
    if (named !== undefined) return from(gitdir, named);
  }
  return undefined;
}

/** The directory of the main repository, without its `.git`. */
function mainOf(gitdir: RawPath, commondir: string, mayHang: Surroundings['mayHang']): RawPath | undefined {
  const common = placeOf(from(gitdir, commondir.replace(LINE_ENDS, '')), mayHang);
  return common.state === 'gone' ? undefined : withoutDotGit(common.path);
}

const withoutDotGit = (path: RawPath): RawPath => path.replace(/(?<=.)\/\.git$/s, '');

/** The branch that `HEAD` in a record names; none where a commit is checked out. */
export function branchOf(gitdir: RawPath): { branch?: string } {
  const read = readSmall(`${gitdir}/HEAD`);
  const [, branch] =
    typeof read === 'string' ? [] : (/^ref: refs\/heads\/(.+)$/.exec(read.text.trimEnd()) ?? []);
  // With reftable this file is only a stand-in.
  return branch === undefined || branch === '.invalid' ? {} : { branch: asText(branch) };
}

/** Whether something is at `path`; a link counts as itself. */
export function look(path: RawPath): 'there' | 'gone' | 'unknown' {
  try {
    return fs.lstatSync(forSystem(path), { throwIfNoEntry: false }) ? 'there' : 'gone';
  } catch (error) {
    return isMissing(error) ? 'gone' : 'unknown';
  }
}

const MAX_CONFIG_BYTES = 256 * 1024;
