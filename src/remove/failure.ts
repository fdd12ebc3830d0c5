// What is still on the disk, why, and the command that really helps. Wrong advice is worse than none: where
// the next pass will do, there is none.
import { dirname } from 'node:path';
import type { Failure } from '../errors.js';
import { codeOf, statOf, systemCode } from '../fs.js';
import { scriptQuote, shellQuote } from '../quote.js';
import { isWithin } from '../root/layout.js';
import { type Mount, mountOf, readMounts, unmounting } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import { isSubordinate } from './subordinate.js';

export type { Failure };

/** Where a removal stopped. */
export interface Trouble {
  /** For people. */
  path: string;
  code: string;
  /** Owner of what could not be removed, or of the directory it is in where that refused. */
  uid: number | undefined;
}

/** Mounts at or below a path. Then nothing there is renamed or removed: the other side may be anybody's. */
export const mountFailures = (path: string, mounts: readonly Mount[] = readMounts()): Failure[] =>
  mounts
    .filter(({ point }) => isWithin(path, point))
    .map((mount) => ({
      path: mount.point,
      reason: 'something is mounted here',
      hint: unmounting(mount),
    }));

/** What cannot be looked at: out of descriptors or of memory, say. */
export const unseenFailure = (path: string, error: unknown, hint = ''): Failure => ({
  ...{ path, reason: `it cannot be looked at (${systemCode(error)})`, hint },
});

/** What cannot even be moved: its directory is not ours to write, it is immutable, or has no name in text. */
export function moveFailure(path: string, error: unknown): Failure {
  const code = codeOf(error) ?? '';
  if (code === 'EILSEQ') return { path, reason: ODD_NAME, hint: '' };
  const hint = hintFor(path, { path, code, uid: statOf(path)?.uid });
  return { path, reason: `it cannot be moved away (${code || error})`, hint };
}

const ODD_NAME = 'its name is not UTF-8, so it stays as long as its session';

/** Of the tree at `path`, which stopped at `trouble`. */
export function removeFailure(path: string, trouble: Trouble | undefined): Failure {
  if (!trouble) return { path, reason: 'somebody fills it while it is removed', hint: '' };
  // The end of a long path says most.
  const where = trouble.path.length > MAX_PATH ? `…${trouble.path.slice(-MAX_PATH)}` : trouble.path;
  return { path, reason: `${where}: ${WORDS[trouble.code] ?? trouble.code}`, hint: hintFor(path, trouble) };
}

function hintFor(path: string, { path: where, code, uid }: Trouble): string {
  const [tree, inner] = [shellQuote, scriptQuote].map(
    (quote) => quote(path.replace(CLAIM, '')) + (CLAIM.test(path) ? '.*' : ''),
  );
  if (code === 'EROFS') return hintForReadOnly(path, where);
  if (!FORBIDDEN.has(code)) return '';
  if (uid !== undefined && uid !== ownUid() && isSubordinate(uid)) return `podman unshare rm -rf ${tree}`;
  if (code === 'EPERM' && uid === ownUid())
    return `sudo sh -c ${shellQuote(`chattr -R -i ${inner}; rm -rf ${inner}`)}`;
  return `sudo rm -rf ${tree}`;
}

/** A subvolume of btrfs may be read-only where its mount is not. */
function hintForReadOnly(path: string, where: string): string {
  const mount = mountOf(path, readMounts());
  const isSubvolume = (dir: string) => statOf(dir)?.ino === SUBVOLUME_INODE;
  if (mount?.type === 'btrfs' && !mount.options.includes('ro'))
    for (let at = where; isWithin(path, at); at = dirname(at))
      if (isSubvolume(at)) return `btrfs property set -f ${shellQuote(at)} ro false`;
  return `sudo mount -o remount,rw ${shellQuote(mount?.point ?? '/')}`;
}

/** BTRFS_FIRST_FREE_OBJECTID (linux/btrfs_tree.h): of the top of each subvolume. */
const SUBVOLUME_INODE = 256;

/** A hint names no claim: a later pass changes that, and the command has to help then, too. */
const CLAIM = /(?<=\/\.trash\/[a-z0-9]{8})\.\d+-\d+-[a-z0-9]{7}-[a-z0-9]{8}(\/.*)?$/s;
const FORBIDDEN = new Set(['EACCES', 'EPERM']);
const WORDS: Record<string, string> = {
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EBUSY: 'it is in use',
  ENOTSUP: 'our own remover needs procfs',
  ENOTEMPTY: 'it is still in use', // FUSE keeps what was open when it was removed, NFS too
};
const MAX_PATH = 300;
