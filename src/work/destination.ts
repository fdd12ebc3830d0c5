// Where a path leads, without asking a file system that may never answer: a mount with a dead server blocks
// this process for good. Each step is looked up in the table of mounts first; links are followed one by one.
import { dirname } from 'node:path';
import { fs, quietly } from '../fs.js';
import { type Mount, servedBelow } from '../root/mounts.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';

export type Place =
  | { state: 'there'; path: RawPath; stat: Stat }
  | { state: 'gone' }
  /** It may be there: not ours to read, or on a mount that is not asked. `path` as far as it is known. */
  | { state: 'unknown'; path: RawPath };

/** The facts of a place that matter here. */
interface Stat extends SameAs {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Follows the absolute `path` to its end. Never throws the system's errors. */
export function placeOf(path: RawPath, mayHang: (path: RawPath) => boolean): Place {
  if (path.includes('\0')) return GONE;
  let ahead = path.split('/');
  let at = '';
  let last: Stat | undefined;
  for (let links = 0; ahead.length > 0; ) {
    const [part = '', ...rest] = ahead;
    ahead = rest;
    if (part === '' || part === '.') continue;
    const next = part === '..' ? parentOf(at) : `${at}/${part}`;
    const stat = next === '' ? fs.lstatSync('/') : look(next, mayHang);
    if (stat === 'gone') return GONE;
    if (stat === 'unknown') return { state: 'unknown', path: [next, ...ahead].join('/') };
    if (stat.isSymbolicLink()) {
      links += 1;
      const target = links > MAX_LINKS ? undefined : linkAt(next);
      if (target === undefined) return GONE;
      ahead = [...target.split('/'), ...ahead];
      if (target.startsWith('/')) at = '';
      continue;
    }
    if (!stat.isDirectory() && ahead.length > 0) return GONE;
    at = next;
    last = stat;
  }
  return { state: 'there', path: at || '/', stat: last ?? fs.lstatSync('/') };
}

/** A link counts as itself. */
function look(path: RawPath, mayHang: (path: RawPath) => boolean): Stat | 'gone' | 'unknown' {
  if (mayHang(path)) return 'unknown';
  try {
    return fs.lstatSync(forSystem(path));
  } catch (error) {
    return isMissing(error) ? 'gone' : 'unknown';
  }
}

/** The target of a link; undefined where it cannot be read. */
export const linkAt = (path: RawPath): RawPath | undefined =>
  quietly(() => fs.readlinkSync(forSystem(path), 'latin1'));

const parentOf = (path: RawPath): RawPath => path.slice(0, path.lastIndexOf('/'));

/**
 * Whether the place at `path`, which has no links in it, is `top` or lies in it, whatever the name of `top`.
 */
export function isInside(path: RawPath, top: SameAs & { path: RawPath }): boolean {
  if (path === top.path || path.startsWith(`${top.path}/`)) return true;
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) {
    const stat = quietly(() => fs.lstatSync(forSystem(at)));
    if (stat && isSame(stat, top)) return true;
  }
  return false;
}

/** Says which paths lie on mounts that are never asked. */
export function hangingMounts(mounts: readonly Mount[], dir: RawPath): (path: RawPath) => boolean {
  const isServed = servedBelow(asText(dir), mounts);
  return (path) => isServed(asText(path));
}

const GONE: Place = { state: 'gone' };
const MAX_LINKS = 40; // path_resolution(7)
