// When a file was used last, at the latest: what its times prove, and what they leave open. Reading is
// noted by the file system in its own way, and a file that is read without a note must not count as unused.
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

/** At the latest it was used then, ms since 1970. Pure. */
export function lastUse({ atimeMs, mtimeMs, ctimeMs }: FileTimes, noted: ReadsNoted, now: number): number {
  // Only utimes(2) makes a time that is yet to come, and that moves ctime. A write or a noted read ends it.
  const isPast = (time: number) => time <= now + CLOCK_ERROR_MS;
  const known = Math.max(ctimeMs, ...[atimeMs, mtimeMs].filter(isPast));
  if (noted === 'none') return known + DAY_MS > now ? Math.max(known, now) : known;
  // relatime: what was read once since it was written may be read for a day without another note.
  const isHidden = noted === 'daily' && atimeMs > Math.max(mtimeMs, ctimeMs);
  return isHidden ? Math.max(known, Math.min(known + DAY_MS, now)) : known;
}

/** A directory of nothing but directories was changed then, at the latest. */
export const lastChange = ({ mtimeMs, ctimeMs }: Omit<FileTimes, 'atimeMs'>, now: number): number =>
  mtimeMs <= now + CLOCK_ERROR_MS ? Math.max(mtimeMs, ctimeMs) : ctimeMs;

/** How reads of what is at `path` are noted; where that cannot be told as if none were. */
export function readsNotedAt(path: string, mounts: readonly Mount[] = readMounts()): ReadsNoted {
  const parent = attempt(() => fs.realpathSync(dirname(path))); // it may lead through a descriptor of ours
  const mount = parent === undefined ? undefined : mountOf(parent, mounts);
  if (!mount || mount.options.includes('noatime') || ELSEWHERE.test(mount.type)) return 'none';
  return mount.options.includes('relatime') ? 'daily' : 'all';
}

/** The clock of a file server may be ahead of ours. */
export const CLOCK_ERROR_MS = 60_000;
export const DAY_MS = 24 * 3_600_000;
const ELSEWHERE = /^(fuse|nfs|cifs|smb|9p|virtiofs|ceph|afs|lustre|gpfs|glusterfs)/;
