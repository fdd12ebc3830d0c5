// Where the `.git` of a directory leads when it is no directory itself: a file of git's
// (gitrepository-layout(5)), or a link. Anybody can write such a file: what does not look like git's leads
// nowhere.
import { fs } from '../fs.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { forSystem, type RawPath } from '../tree/raw-path.js';
import { linkAt, type Place, placeOf } from './place.js';
import { readSmall } from './read-small.js';

/** What `.git` is: `none` leads nowhere; `unreadable` cannot be looked at; `target` is the path it names. */
export type GitLink = 'none' | 'directory' | 'unreadable' | { target: RawPath };

/** The `.git` in the directory `base`. Never throws the system's errors. */
export function gitLink(base: RawPath): GitLink {
  const path = `${base}/.git`;
  try {
    const stat = fs.lstatSync(forSystem(path), { throwIfNoEntry: false });
    if (!stat) return 'none';
    if (stat.isDirectory()) return 'directory';
    if (stat.isSymbolicLink()) return naming(linkAt(path));
    if (!stat.isFile()) return 'none';
  } catch (error) {
    return isMissing(error) ? 'none' : 'unreadable';
  }
  const read = readSmall(path);
  if (read === 'unreadable') return 'unreadable';
  return typeof read === 'string' ? 'none' : naming(gitdirIn(read.text));
}

/** The path that the text of a `.git` file names. Pure. */
const gitdirIn = (text: string): RawPath | undefined =>
  /^gitdir: (.+)$/s.exec(text.replace(LINE_ENDS, ''))?.[1];

const naming = (target: RawPath | undefined): GitLink => (target === undefined ? 'none' : { target });

/** A path in a file of git's is relative to where that file lies. */
export const from = (dir: RawPath, target: RawPath): RawPath =>
  target.startsWith('/') ? target : `${dir}/${target}`;

/**
 * Whether the `.git` in the directory at `dir` leads to the directory `gitdir`; undefined where that cannot
 * be told.
 */
export function leadsTo(
  dir: RawPath,
  gitdir: SameAs,
  mayHang: (path: RawPath) => boolean,
): boolean | undefined {
  const place = targetPlace(dir, mayHang);
  if (place?.state === 'unknown') return undefined;
  return place?.state === 'there' && isSame(place.stat, gitdir);
}

function targetPlace(dir: RawPath, mayHang: (path: RawPath) => boolean): Place | undefined {
  if (mayHang(`${dir}/.git`)) return { state: 'unknown', path: dir };
  const link = gitLink(dir);
  if (link === 'unreadable') return { state: 'unknown', path: dir };
  if (link === 'none') return undefined;
  return placeOf(link === 'directory' ? `${dir}/.git` : from(dir, link.target), mayHang);
}

export const LINE_ENDS = /[\r\n]+$/;
