// Makes roots. One that is missing appears together with its marker: both are made under another name beside
// it and renamed into place, so whoever finds the directory finds a root. A directory that is there is marked
// where it lies, when it is empty: it may be a mount point, a subvolume, somebody's working directory, and a
// new one in its place would not be.
import { basename, dirname, join } from 'node:path';
import { codeOf, fs, inDirectory, quietly } from '../fs.js';
import { areAll, namesIn } from '../names.js';
import { isMarkerDraft, isMarkerName, isRootEntry, newId } from './layout.js';
import { isMarked, mark, readMarker } from './marker.js';
import { isOurs } from './trusted.js';

/** Makes the directory `path` with its marker, unless something is there. Throws the system's error. */
export function makeRoot(path: string): void {
  const draft = join(dirname(path), `${draftPrefix(path)}${newId()}`);
  fs.mkdirSync(draft, 0o700);
  try {
    fs.chmodSync(draft, 0o700); // the umask may have taken from it
    mark(draft);
    fs.renameSync(draft, path); // over an empty directory, never over one with something in it
  } catch (error) {
    takeBack(draft);
    if (!IS_TAKEN.has(codeOf(error) ?? '')) throw error;
  }
}

/** Nothing is in `dir` but what openers that died, or are about to mark it too, left there. */
export const isEmpty = (dir: string): boolean => holdsOnly(dir, isMarkerDraft);

/** Marks a directory that is empty; false where something came in between. Throws the system's error. */
export function markEmpty(dir: string): boolean {
  if (!isEmpty(dir)) return isMarked(dir);
  mark(dir);
  // Whoever opened sessions here meanwhile found the marker.
  if (areAll(dir, isRootEntry)) return true;
  inDirectory(dir, clear);
  return false;
}

/** Removes drafts that killed openers left in `root` and beside it, if ours and an hour old. Best effort. */
export function clearDrafts(root: string): void {
  const parent = dirname(root);
  const prefix = draftPrefix(root);
  const isDraft = (name: string) => name.startsWith(prefix) && DRAFT_END.test(name.slice(prefix.length));
  for (const name of quietly(() => namesIn(parent, isDraft)) ?? [])
    if (isAbandoned(join(parent, name))) takeBack(join(parent, name));
  for (const name of quietly(() => namesIn(root, isMarkerDraft)) ?? [])
    if (isOldAndOurs(join(root, name))) quietly(() => fs.unlinkSync(join(root, name)));
}

const isAbandoned = (draft: string): boolean =>
  isOldAndOurs(draft) && readMarker(draft).kind !== 'bad' && holdsOnly(draft, isMarkerName);

function isOldAndOurs(path: string): boolean {
  const stat = quietly(() => fs.lstatSync(path));
  return stat !== undefined && isOurs(stat) && Date.now() - stat.ctimeMs > HOUR_MS;
}

const holdsOnly = (dir: string, isExpected: (name: string) => boolean): boolean =>
  quietly(() => areAll(dir, isExpected)) === true;

/** Removes a draft and the markers in it: whatever else is there makes rmdir(2) fail. */
function takeBack(draft: string): void {
  quietly(() => inDirectory(draft, clear));
  quietly(() => fs.rmdirSync(draft));
}

function clear(base: string): void {
  for (const name of namesIn(base, isMarkerName)) quietly(() => fs.unlinkSync(join(base, name)));
}

const draftPrefix = (root: string): string => `.${basename(root)}.new-`;
const DRAFT_END = /^[a-z0-9]{8}$/;
const HOUR_MS = 3_600_000;
/** Somebody was first, with a directory or with something else. */
const IS_TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);
