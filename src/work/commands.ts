// The commands that save work, or make git forget it. Pure.
import { basename } from 'node:path';
import { quoteEachByte, shellQuote } from '../quote.js';
import type { Work } from './work.js';

/**
 * Moves it into the home directory. Undefined where git has no way: it does not move a worktree with
 * submodules. Then only a commit and a push save it.
 */
export function saveCommand(work: Work): string | undefined {
  if (work.hasSubmodules) return undefined;
  if (work.kind === 'lender') return copyObjects(work.repository ?? work.gitdir);
  const path = quoteBytes(work.bytes);
  const home = `~/${quoteBytes(nameAtHome(work))}`;
  if (work.kind === 'repository') return `mv ${path} ${home} && git -C ${home} worktree repair`;
  if (work.kind === 'separate-git-dir')
    return `mv ${path} ${home} && printf 'gitdir: %s\\n' ${shellQuote(work.gitdir)} >${home}/.git`;
  if (work.isMoved || work.repository === undefined)
    return `mv ${path} ${home} && git -C ${home} worktree repair`;
  const force = work.isLocked ? '-f -f ' : '';
  return `git -C ${shellQuote(work.repository)} worktree move ${force}${path} ${home}`;
}

/** From then on it borrows nothing. */
const copyObjects = (repository: string): string =>
  `git -C ${shellQuote(repository)} repack -a -d && ` +
  `rm ${shellQuote(`${repository}/objects/info/alternates`)}`;

/** Makes the main repository forget what was removed: its branch is free again. Undefined if not needed. */
export function pruneCommand({ kind, repository, bytes, isLocked, isMoved }: Work): string | undefined {
  if (kind !== 'worktree' || repository === undefined) return undefined;
  const git = `git -C ${shellQuote(repository)} worktree`;
  return isLocked && !isMoved ? `${git} unlock ${quoteBytes(bytes)} && ${git} prune` : `${git} prune`;
}

/** `repo-w`: the name of a worktree alone is short, and often the same. */
function nameAtHome({ bytes, kind, repository }: Work): Buffer {
  const name = bytes.subarray(bytes.lastIndexOf('/') + 1);
  if (kind !== 'worktree' || repository === undefined) return name;
  return Buffer.concat([Buffer.from(`${basename(repository)}-`), name]);
}

/** As text where it is any, byte by byte where not. */
function quoteBytes(bytes: Buffer): string {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? shellQuote(text) : quoteEachByte(bytes);
}
