// What is mounted where, from /proc/self/mountinfo (proc_pid_mountinfo(5)). Bind mounts of the same file
// system show only there: neither st_dev nor `rm --one-file-system` sees them, and removal would empty their
// source.
import { attempt, fs } from '../fs.js';
import { shellQuote } from '../quote.js';
import { isWithin } from './layout.js';
import { ownUid } from './trusted.js';

export interface Mount {
  point: string;
  /** `major:minor` of the file system. */
  device: string;
  /** What of that file system is mounted here: its path there. */
  root: string;
  type: string;
  /** Mount and super block options together. */
  options: string[];
}

/** All mounts of our mount namespace; empty where there is no procfs. */
export function readMounts(): Mount[] {
  return parseMountinfo(attempt(() => fs.readFileSync('/proc/self/mountinfo', 'utf8')) ?? '');
}

export function parseMountinfo(text: string): Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ', 2);
      const [, , device = '', root = '', point = '', options = ''] = left.split(' ');
      const [type = '', , superOptions = ''] = right.split(' ');
      return {
        point: decodeOctal(point),
        device,
        root: decodeOctal(root),
        type,
        options: [...options.split(','), ...superOptions.split(',')],
      };
    });
}

/** Mount points at or below `dir`. */
export const mountsUnder = (dir: string, mounts: readonly Mount[]): string[] =>
  mounts.map(({ point }) => point).filter((point) => isWithin(dir, point));

/** The mount that `path` lives on: the deepest one containing it, the last of several on one point. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let deepest: Mount | undefined;
  for (const mount of mounts)
    if (isWithin(mount.point, path) && mount.point.length >= (deepest?.point.length ?? 0)) deepest = mount;
  return deepest;
}

/** A tmpfs with per-user quota: full for us while statfs still shows room (systemd >= 256 mounts /tmp so). */
export const hasUserQuota = (mount: Mount | undefined): boolean =>
  mount?.type === 'tmpfs' && mount.options.some((option) => option.startsWith('usrquota'));

/** What is written there is in memory. */
export const isInMemory = (place: { type: string | null } | undefined): boolean =>
  place?.type === 'tmpfs' || place?.type === 'ramfs';

/** Nothing can be executed there: builds and test runners do that in TMPDIR. */
export const isNoexec = (mount: Mount | undefined): boolean => mount?.options.includes('noexec') === true;

/**
 * By a server that may be dead, and then whoever asks it waits for good: FUSE and network mounts; autofs asks
 * one at the first look. Not what the whole machine lies on: where that hangs, everything does. Nor what
 * systemd has in procfs on every machine (binfmt_misc).
 */
export const isServed = ({ type, point }: Mount): boolean =>
  point !== '/' && !isWithin('/proc', point) && SERVED.test(type);

const SERVED = /^(fuse|nfs|cifs$|smb|9p$|virtiofs$|afs$|ceph$|lustre$|gpfs$|beegfs$|coda$|autofs$|orangefs$)/;

/** Says which paths lie on a mount with a server, except the mount that `dir` itself lies on. */
export function servedBelow(dir: string, mounts: readonly Mount[]): (path: string) => boolean {
  const own = mountOf(dir, mounts);
  const served = new Set(mounts.filter((mount) => mount !== own && isServed(mount)));
  if (served.size === 0) return () => false;
  return (path) => {
    const mount = mountOf(path, mounts);
    return mount !== undefined && served.has(mount);
  };
}

/**
 * The command that removes it: who may do that depends on who mounted it. `isSilent`: it does not answer, so
 * it goes by force, and whoever waits there is freed. One that works is not taken away from those who use it.
 * Who mounted something with FUSE needs no root to get rid of it.
 */
export function unmounting(mount: Mount, { isSilent = false, uid = ownUid() } = {}): string {
  const point = shellQuote(mount.point);
  if (uid !== 0 && isOfUser(mount, uid)) return `fusermount3 -u${isSilent ? 'z' : ''} ${point}`;
  return `${uid === 0 ? '' : 'sudo '}umount ${isSilent ? '-fl ' : ''}${point}`;
}

/** mount.fuse(8): `user_id` is who mounted it. */
const isOfUser = ({ type, options }: Mount, uid: number): boolean =>
  type.startsWith('fuse') && options.includes(`user_id=${uid}`);

/** Space, tab, newline and backslash are written in octal. */
export const decodeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
