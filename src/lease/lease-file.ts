// Reading and writing the lease on disk. Written beside and renamed, so a reader sees the old one or the new
// one; read without following links and without waiting for a FIFO's other end, at most 4 KiB of a regular
// file of ours.
import { basename } from 'node:path';
import {
  attempt,
  draftOf,
  fs,
  inDirectory,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  replaceFile,
} from '../fs.js';
import { ownUid } from '../root/guard.js';
import { leaseFile } from '../root/layout.js';
import { type Lease, MAX_LEASE_BYTES, parseLease, serializeLease } from './lease.js';

/**
 * What a session directory has for a lease. `heartbeatAt` is its mtime, ms since 1970; `version` changes with
 * every change.
 */
export type FoundLease =
  | { kind: 'good'; lease: Lease; heartbeatAt: number; version: FileVersion }
  /** Not one we can rely on; `why` for people. */
  | { kind: 'bad'; why: string }
  | { kind: 'none' };

/** The lease and the draft that becomes it. */
export const leaseFiles = (dir: string): string[] => [leaseFile(dir), draftOf(leaseFile(dir))];

/**
 * Replaces the lease atomically. Throws the system's error. An agent may swap `dir` for a link at any moment.
 */
export const writeLease = (dir: string, lease: Lease): void =>
  inDirectory(dir, (base) => replaceFile(leaseFile(base), serializeLease(lease)));

/**
 * Writes over the lease where it lies, for a full disk: the block it has is enough. Only over a good one of
 * this session that has no other name. Torn by a crash it is a bad one, which keeps. Throws the system's
 * error.
 */
export function overwriteLease(dir: string, lease: Lease): void {
  inDirectory(dir, (base) => {
    const fd = fs.openSync(leaseFile(base), O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    try {
      const found = readOpenLease(fd);
      const { nlink, size } = fs.fstatSync(fd);
      if (found.kind !== 'good' || found.lease.id !== lease.id || nlink !== 1) return;
      const text = Buffer.from(serializeLease(lease));
      const rest = Buffer.alloc(Math.max(0, size - text.length), ' '); // of a longer one
      const bytes = Buffer.concat([text, rest]);
      fs.writeSync(fd, bytes, 0, bytes.length, 0);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** The lease of the session `id` in the directory it is in now. */
export function readLease(dir: string, id = basename(dir)): FoundLease {
  const file = leaseFile(dir);
  const fd = attempt(() => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined)
    return attempt(() => fs.lstatSync(file))
      ? { kind: 'bad', why: 'lease cannot be opened' }
      : { kind: 'none' };
  try {
    const found = readOpenLease(fd);
    const isAnothers = found.kind === 'good' && found.lease.id !== id;
    return isAnothers ? { kind: 'bad', why: 'lease names another session' } : found;
  } finally {
    fs.closeSync(fd);
  }
}

/** The lease once more: `found` where it is still that one, which one call tells, else read again. */
export function readAgain(dir: string, id: string, found: FoundLease): FoundLease {
  if (found.kind !== 'good') return readLease(dir, id);
  const stat = attempt(() => fs.lstatSync(leaseFile(dir), { throwIfNoEntry: false }));
  return stat && isSame(stat, found.version) && Date.now() - stat.ctimeMs > TICK_MS
    ? found
    : readLease(dir, id);
}

interface FileVersion {
  dev: number;
  ino: number;
  ctimeMs: number;
  size: number;
}

/** A file replaced by rename or written over has another inode, or another time of change. */
const isSame = (one: FileVersion, other: FileVersion): boolean =>
  one.ino === other.ino && one.ctimeMs === other.ctimeMs && one.size === other.size && one.dev === other.dev;

/** The file system's clock ticks every few ms: what changed twice within a tick would look the same. */
const TICK_MS = 1_000;

function readOpenLease(fd: number): FoundLease {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) return { kind: 'bad', why: 'lease is not a regular file' };
  if (process.platform !== 'win32' && stat.uid !== ownUid())
    return { kind: 'bad', why: 'lease belongs to somebody else' };
  if (stat.size > MAX_LEASE_BYTES) return { kind: 'bad', why: 'lease is too large' };
  const lease = parseLease(BUFFER.toString('utf8', 0, fs.readSync(fd, BUFFER, 0, MAX_LEASE_BYTES, 0)));
  if (!lease) return { kind: 'bad', why: 'lease cannot be understood' };
  const { dev, ino, ctimeMs, mtimeMs, size } = stat;
  return { kind: 'good', lease, heartbeatAt: mtimeMs, version: { dev, ino, ctimeMs, size } };
}

/** One for all: thousands are read in a pass, each parsed before the next. */
const BUFFER = Buffer.alloc(MAX_LEASE_BYTES);
