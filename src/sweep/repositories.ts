// Repositories of any kind, by the names in them: what is in one may be nowhere else, so it stays whole.
// Nothing of a repository is read.
import { join } from 'node:path';
import { statOf } from '../fs.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { hasShape } from './shape.js';

/** An entry of this name makes its directory somebody's work. */
export const isOfRepository = (name: string): boolean => NAMES.has(name);

/** Takes the names of one directory, one after another; says when they make it a bare repository. */
export function bareRepository(): (name: string) => boolean {
  const missing = new Set(BARE);
  return (name) => missing.delete(name) && missing.size === 0;
}

/**
 * Whether a directory is the working tree of a repository, or a bare one: then what lies in it may be a part
 * of that. Asked by name: no directory of a million names is read. A mount with a server is not asked.
 */
export function isWorkingTree(dir: string, isServed = servedBelow(dir, readMounts())): boolean {
  const isThere = (name: string) => !isServed(join(dir, name)) && statOf(join(dir, name)) !== undefined;
  return BARE.every(isThere) || [...NAMES].some((name) => isThere(name) && !isPlaceholder(dir, name));
}

/** The sandboxes of agents put these there, empty, while a command runs. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set(['.git', '.agents', '.codex', '.aws']);

const isPlaceholder = (dir: string, name: string): boolean =>
  PLACEHOLDERS.has(name) && hasShape(join(dir, name), { kind: 'directory', holds: [] });

const NAMES = new Set(['.git', '.hg', '.jj', '.svn', '.sl', '.bzr', '.pijul', '.fslckout']);
/** Together in one directory: a bare repository of git, or its `--separate-git-dir`. */
const BARE = ['HEAD', 'objects', 'refs'];
