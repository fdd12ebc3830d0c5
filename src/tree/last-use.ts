// When a file was last used, at the latest. A file system notes reads in its own way, and a file that is read
// without a note must not count as unused.
import { dirname } from 'node:path';
import { attempt, fs } from '../fs.js';
import { type Mount, mountOf, readMounts } from '../root/mounts.js';

/**
 * Which reads move a file's atime. `daily` (relatime): the first since it was written or changed, then one a
 * day. `none`: noatime, and what other machines and programs keep the times of.
 */
export type ReadsNoted = 'all' | 'daily' | 'none';

export interface FileTimes {
  atimeMs: number;
  mtimeMs: number;
  /** 0 where it is not known: a rename of ours moved it. */
  ctimeMs: number;
}

/** When it was last used as its times say, ms since 1970. Pure. */
export const knownUse = ({ atimeMs, mtimeMs, ctimeMs }: FileTimes, now: number): number =>
  Math.max(ctimeMs, past(atimeMs, now), past(mtimeMs, now));

/** Only utimes(2) makes a time in the future, and that moves ctime. A write or a noted read ends it. */
const past = (time: number, now: number): number => (time <= now + CLOCK_ERROR_MS ? time : 0);

/** An mtime that is set on purpose, as a sign of life; the ctime where it lies in the future. Pure. */
export const setAt = ({ mtimeMs, ctimeMs }: Omit<FileTimes, 'atimeMs'>, now: number): number =>
  past(mtimeMs, now) || ctimeMs;

/** The same, with the reads that may have left no trace. Pure. */
export function lastUse(times: FileTimes, noted: ReadsNoted, now: number): number {
  const known = knownUse(times, now);
  if (noted === 'none') return known + DAY_MS > now ? Math.max(known, now) : known;
  // relatime: what was read once since it was written may be read for a day without another note.
  const isHidden = noted === 'daily' && times.atimeMs > Math.max(times.mtimeMs, times.ctimeMs);
  return isHidden ? Math.max(known, Math.min(known + DAY_MS, now)) : known;
}

/** When a directory was last changed. Its atime says nothing: our reading moves it. */
export const lastChange = (times: FileTimes, now: number): number => knownUse({ ...times, atimeMs: 0 }, now);

/** How reads of what is at `path` are noted; `none` where that cannot be told. */
export function readsNotedAt(path: string, mounts: readonly Mount[] = readMounts()): ReadsNoted {
  // `path` may go through a descriptor of ours.
  const parent = attempt(() => fs.realpathSync.native(dirname(path)));
  return parent === undefined ? 'none' : readsNotedIn(parent, mounts);
}

/** The same in the directory `dir`, which has no link in its path. */
export function readsNotedIn(dir: string, mounts: readonly Mount[]): ReadsNoted {
  const mount = mountOf(dir, mounts);
  if (!mount || mount.options.includes('noatime') || ELSEWHERE.test(mount.type)) return 'none';
  return mount.options.includes('relatime') ? 'daily' : 'all';
}

/** The clock of a file server may be ahead of ours. */
const CLOCK_ERROR_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const ELSEWHERE = /^(fuse|nfs|cifs|smb|9p|virtiofs|ceph|afs|lustre|gpfs|glusterfs)/;
