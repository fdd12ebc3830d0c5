// Takes a directory out of sight in one step: a rename within its file system. Nobody ever finds a half-deleted session in
// place, and a remover that dies leaves only what the next one finds in the trash. The rename is also the claim: of two
// removers one gets it. The new name says whose claim it is, so that others leave it alone while that thread lives, and
// whether it is to be looked at once more (`~`): if that remover dies first, the next one has to look.
import { basename, dirname, join } from 'node:path';
import { attempt, codeOf, fs, inDirectory, quietly } from '../fs.js';
import { identify, isAlive } from '../process/identity.js';
import { newId, trashDir } from '../root/layout.js';
import { grantOne } from './grant-access.js';

/** Whether it goes for good, or is to be looked at once more before it does. */
export type Fate = 'for-good' | 'on-trial';

/** Renames `dir` into the root's trash; gives its new path, or undefined when it was already gone. Throws the system's error. */
export function moveToTrash(root: string, dir: string, fate: Fate = 'for-good'): string | undefined {
  const trash = trashDir(root);
  try {
    if (!makeTrash(trash)) return moveAside(dir, fate);
  } catch (error) {
    if (!FULL.has(codeOf(error) ?? '')) throw error;
    return moveAside(dir, fate); // not even a directory can be made: a rename needs no inode
  }
  const move = () => renameTo(() => join(trash, claimedName(basename(dir), fate)), dir);
  try {
    return move();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT')
      makeTrash(trash); // a cleaner of /tmp took the empty one just now
    else if (code === 'EACCES')
      for (const path of [trash, dir]) grantOne(path); // read-only: its `..` could not be changed
    else throw error;
    return move();
  }
}

/** The same where there is no trash, as on another file system than any root: a hidden name beside it. */
export const moveAside = (path: string, fate: Fate = 'for-good'): string | undefined =>
  renameTo(() => join(dirname(path), ASIDE + claimedName(basename(path), fate)), path);

/** What was on trial goes for good; gives its new path. Best effort: an old name costs the next remover one more look. */
export function condemn(trashed: string): string {
  const path = trashed.replace(TRIAL, '');
  return path !== trashed && isRenamed(trashed, path) ? path : trashed;
}

/** Gives up a claim without an end, for the next pass to take, ours too: we may live for months. Gives the new path. */
export function abandon(trashed: string): string {
  const path = trashed.replace(CLAIM, () => `.0-0-${newId()}${isOnTrial(trashed) ? '~' : ''}`); // nobody's
  return path !== trashed && isRenamed(trashed, path) ? path : trashed;
}

/** False where the disk refuses: then it keeps the name it has. */
function isRenamed(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

export const isOnTrial = (trashed: string): boolean => TRIAL.test(trashed);

/** Puts back what turned out to be in use; false when its place is taken by now, or the disk refuses. */
export function restoreFromTrash(trashed: string, original: string): boolean {
  if (fs.existsSync(original)) return false;
  try {
    fs.renameSync(trashed, original);
    return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** Whatever is named otherwise was not put there by us. */
export const isClaim = (name: string): boolean => CLAIM.test(name);

/** Takes over what dead removers left in `dir`; gives the new paths. What cannot be had, for whatever reason, stays for the next pass. */
export function claimLeftovers(dir: string, prefix = ''): string[] {
  // A link in its place would lead us into somebody's files.
  return (
    quietly(() => inDirectory(dir, (base) => claimIn(base, prefix).map((name) => join(dir, name)))) ?? []
  );
}

function claimIn(base: string, prefix: string): string[] {
  const names = fs
    .readdirSync(base)
    .filter(
      (name) => name.startsWith(prefix) && isClaim(name) && isOurs(join(base, name)) && !isBeingRemoved(name),
    );
  return names.flatMap((name) => {
    const plain = withoutClaim(name.slice(prefix.length));
    const fate = isOnTrial(name) ? 'on-trial' : 'for-good';
    try {
      const claimed = renameTo(() => join(base, prefix + claimedName(plain, fate)), join(base, name));
      return claimed === undefined ? [] : [basename(claimed)];
    } catch (error) {
      // Where a full disk refuses even that, removing it under its old name is what makes room.
      if (codeOf(error) === undefined) throw error;
      return FULL.has(codeOf(error) ?? '') ? [name] : [];
    }
  });
}

/** In /tmp others leave the same names; root could take theirs, having looked at its own processes only. */
const isOurs = (path: string): boolean =>
  process.platform === 'win32' || quietly(() => fs.lstatSync(path).uid) === process.getuid?.();

/** A trashed path without the claim: another remover may carry on under a name of its own. */
export const withoutClaim = (path: string): string => path.replace(CLAIM, '');

/** Prefix of names made by `moveAside`. */
export const ASIDE = '.qw-trash.';

function renameTo(newName: () => string, path: string): string | undefined {
  for (;;) {
    const target = newName();
    try {
      fs.renameSync(path, target);
      return target;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && !isThere(path)) return undefined;
      if (!RACES.has(codeOf(error) ?? '')) throw error;
    }
  }
}

/** Itself, whatever it links to. */
const isThere = (path: string): boolean => attempt(() => fs.lstatSync(path)) !== undefined;

/** A name of its own each time: rename(2) of a file would replace one that is there. */
const claimedName = (name: string, fate: Fate): string => {
  own ??= identify(threadId()) ?? { pid: process.pid, startTime: 0 };
  return `${name}.${own.pid}-${own.startTime}-${newId()}${fate === 'on-trial' ? '~' : ''}`;
};
let own: { pid: number; startTime: number } | undefined;

/** A server's reaper is a thread, and may die alone. Threads have a stat of their own, as processes have (proc(5), thread-self). */
const threadId = (): number =>
  Number(
    attempt(() => fs.readlinkSync('/proc/thread-self'))
      ?.split('/')
      .pop() ?? process.pid,
  );

function isBeingRemoved(name: string): boolean {
  const [, pid, startTime] = CLAIM.exec(name) ?? [];
  return Number(pid) > 0 && isAlive({ pid: Number(pid), startTime: Number(startTime) });
}

/** False where something else is in its place, a link too: that is not ours to remove, and would carry sessions elsewhere. */
function makeTrash(trash: string): boolean {
  const there = attempt(() => fs.lstatSync(trash, { throwIfNoEntry: false }));
  if (there) return there.isDirectory();
  try {
    fs.mkdirSync(trash, 0o700);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return fs.lstatSync(trash).isDirectory();
  }
}

const CLAIM = /\.(\d+)-(\d+)-[a-z0-9]{8}~?$/;
const TRIAL = /(?<=\.\d+-\d+-[a-z0-9]{8})~$/;
const FULL = new Set(['ENOSPC', 'EDQUOT']);
const RACES = new Set(['EEXIST', 'ENOTEMPTY']);
