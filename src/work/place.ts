// Where a path leads, found out without asking a file system that may never answer: a dead server's mount
// blocks whoever looks at it, and this process for good. Each step is looked up in the table of mounts
// first, links are followed one by one.
import { dirname } from 'node:path';
import { codeOf, fs } from '../fs.js';
import { type Mount, servedBelow } from '../root/mounts.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';

export type Place =
  | { state: 'there'; path: RawPath; stat: Stat }
  | { state: 'gone' }
  /** It may be there: not ours to read, or on a mount that is not asked. `path` as far as it is known. */
  | { state: 'unknown'; path: RawPath };

/** What a place is, as far as it matters. */
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

/** Itself, whatever it links to. */
function look(path: RawPath, mayHang: (path: RawPath) => boolean): Stat | 'gone' | 'unknown' {
  if (mayHang(path)) return 'unknown';
  try {
    return fs.lstatSync(forSystem(path));
  } catch (error) {
    return isMissing(error) ? 'gone' : 'unknown';
  }
}

/** The target of a link, undefined where there is none to be read. */
export function linkAt(path: RawPath): RawPath | undefined {
  try {
    return fs.readlinkSync(forSystem(path), 'latin1');
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

const parentOf = (path: RawPath): RawPath => path.slice(0, path.lastIndexOf('/'));

/**
 * Whether the place at `path`, without links in it, is `top` or lies in it, by whatever name `top` is
 * reached.
 */
export function isInside(path: RawPath, top: SameAs & { path: RawPath }): boolean {
  if (path === top.path || path.startsWith(`${top.path}/`)) return true;
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) {
    try {
      if (isSame(fs.lstatSync(forSystem(at)), top)) return true;
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
    }
  }
  return false;
}

/** Tells of paths on mounts that are not asked anything. */
export function hangingMounts(mounts: readonly Mount[], dir: RawPath): (path: RawPath) => boolean {
  const isServed = servedBelow(asText(dir), mounts);
  return (path) => isServed(asText(path));
}

const GONE: Place = { state: 'gone' };
const MAX_LINKS = 40; // path_resolution(7)
