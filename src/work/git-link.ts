// Where the `.git` of a directory leads when it is no directory itself: a file of git's
// (gitrepository-layout(5)), or a link. Anybody can write such a file: what does not look like git's leads
// nowhere.
import { fs, quietly } from '../fs.js';
import { isMissing, isSame, type SameAs } from '../tree/directory.js';
import { forSystem, type RawPath } from '../tree/raw-path.js';
import { destinationOf } from './destination.js';
import { readSmall, type Small } from './read-small.js';

/** What `.git` is: `none` leads nowhere; `unreadable` cannot be looked at; `target` is the path it names. */
type GitLink = 'none' | 'directory' | 'unreadable' | { target: RawPath };

/** The `.git` in the directory `base`. Never throws the system's errors. */
export function gitLink(base: RawPath): GitLink {
  const path = `${base}/.git`;
  try {
    const stat = fs.lstatSync(forSystem(path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) return 'directory';
    if (stat?.isSymbolicLink()) return naming(quietly(() => fs.readlinkSync(forSystem(path), 'latin1')));
    if (!stat?.isFile()) return 'none';
  } catch (error) {
    return isMissing(error) ? 'none' : 'unreadable';
  }
  const read = readSmall(path);
  if (read === 'unreadable') return 'unreadable';
  return naming(/^gitdir: (.+)$/s.exec(textIn(read) ?? '')?.[1]);
}

const naming = (target: RawPath | undefined): GitLink => (target === undefined ? 'none' : { target });

/** A path in a file of git's is relative to where that file lies. */
export const from = (dir: RawPath, target: RawPath): RawPath =>
  target.startsWith('/') ? target : `${dir}/${target}`;

/** Whether the `.git` in `dir` leads to the directory `gitdir`; undefined where that cannot be told. */
export function leadsTo(
  dir: RawPath,
  gitdir: SameAs,
  mayHang: (path: RawPath) => boolean,
): boolean | undefined {
  const link = mayHang(`${dir}/.git`) ? 'unreadable' : gitLink(dir);
  if (link === 'unreadable') return undefined;
  if (link === 'none') return false;
  const place = destinationOf(link === 'directory' ? `${dir}/.git` : from(dir, link.target), mayHang);
  if (place.state === 'unknown') return undefined;
  return place.state === 'there' && isSame(place.stat, gitdir);
}

/** The text of a small file of git's, without line ends behind it; undefined where none can be read. */
export const gitText = (path: RawPath, maxBytes?: number): string | undefined =>
  textIn(readSmall(path, maxBytes));

export const textIn = (read: Small): string | undefined =>
  typeof read === 'string' ? undefined : read.text.replace(/[\r\n]+$/, '');
