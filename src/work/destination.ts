// Where a path leads, without asking a file system that may never answer: a mount with a dead server blocks
// this process for good. Each step is looked up in the table of mounts first; links are followed one by one.
import { basename, dirname } from 'node:path';
import { codeOf, fs, quietly, type Stats } from '../fs.js';
import { type Lookup, lookups } from '../root/lookups.js';
import { type Mount, servedBelow } from '../root/mounts.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';

export type Destination =
  | { state: 'there'; path: RawPath; stat: Stats }
  | { state: 'gone' }
  /** It may be there: not ours to read, or on a mount that is not asked. `path` as far as it is known. */
  | { state: 'unknown'; path: RawPath };

/** Follows the absolute `path` to its end. Never throws the system's errors. */
export function destinationOf(path: RawPath, mayHang: (path: RawPath) => boolean): Destination {
  if (path.includes('\0')) return GONE;
  const way = quietly(() => [...lookups(path, (next) => !mayHang(next), true)]);
  if (!way) return GONE; // a link on it leads in circles, or went meanwhile
  const last = way.at(-1);
  if (last && !last.stat) return notSeen(last);
  if (last?.stat && !last.stat.isSymbolicLink()) return { state: 'there', path: last.path, stat: last.stat };
  return { state: 'there', path: '/', stat: fs.lstatSync('/') }; // the path, or a link at its end, is /
}

const notSeen = ({ path, error, rest }: Lookup): Destination =>
  error !== undefined && isMissing(error) ? GONE : { state: 'unknown', path: [path, ...rest].join('/') };

/**
 * Whether `path`, which is gone, may be there for others: nothing is left where it would lie. A disk that is
 * not mounted just now looks like that, and a home that is hidden from us (a service's, a sandbox's); of
 * another machine or container not even the first directory is here.
 */
export function mayBeHidden(path: RawPath, mayHang: (path: RawPath) => boolean): boolean {
  const last = quietly(() => [...lookups(path, (next) => !mayHang(next), true)])?.at(-1);
  if (!last || last.stat || codeOf(last.error) !== 'ENOENT') return false;
  const above = dirname(last.path);
  return above === '/' || (!IN_REPOSITORY.has(basename(above)) && isEmpty(above));
}

/** Of git's own: it empties them. */
const IN_REPOSITORY = new Set(['worktrees', 'modules']);

/** Also where it may not be read. */
function isEmpty(dir: RawPath): boolean {
  const listing = quietly(() => fs.opendirSync(forSystem(dir)));
  try {
    return !listing?.readSync();
  } finally {
    listing?.closeSync();
  }
}

/** Whether `path`, which has no links in it, is `top` or lies in it, whatever the name of `top`. */
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

const GONE: Destination = { state: 'gone' };
