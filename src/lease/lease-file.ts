// Reading and writing the lease on disk. Written beside and renamed, so a reader sees the old one or the new
// one; read without following links and without waiting for a FIFO's other end, at most 4 KiB of a regular
// file of ours.
import { basename } from 'node:path';
import { isoTime } from '../clock.js';
import {
  attempt,
  fs,
  inDirectory,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  type Stats,
  statOf,
  TO_READ,
  withFile,
} from '../fs.js';
import { leaseFile } from '../root/layout.js';
import { draftOf, replaceFile } from '../root/replace-file.js';
import { isOurs } from '../root/trusted.js';
import { setAt } from '../tree/last-use.js';
import { type Lease, MAX_LEASE_BYTES, parseLease, serializeLease } from './lease.js';

/** What a session directory has for a lease. `heartbeatAt` is its mtime, ms since 1970. */
export type FoundLease =
  | { kind: 'good'; lease: Lease; heartbeatAt: number }
  /** Not one we can rely on; `why` for people. */
  | { kind: 'bad'; why: string; lease?: undefined; heartbeatAt?: undefined }
  | { kind: 'none'; lease?: undefined; heartbeatAt?: undefined };

/** The lease and the draft that becomes it. */
export const leaseFiles = (dir: string): string[] => [leaseFile(dir), draftOf(leaseFile(dir))];

/** Replaces it atomically. Throws the system's error. An agent may swap `dir` for a link at any moment. */
export const writeLease = (dir: string, lease: Lease): void =>
  inDirectory(dir, (base) => replaceFile(leaseFile(base), serializeLease(lease)));

/**
 * Says of a lease that the end has begun, by its sticky bit: a tenth of the work of a new file, for a server
 * that goes down with hundreds of sessions, and a full disk does not refuse it. What is no good lease of this
 * session is left alone: the agent may have put it there. False where the bit alone does not say it: there is
 * no lease, or it says something else than `lease`. Throws the system's error.
 */
export const markEnding = (dir: string, lease: Lease): boolean =>
  inLease(dir, lease, O_RDONLY, (fd, { mode, size }) => {
    const text = BUFFER.toString('utf8', 0, size);
    fs.fchmodSync(fd, (mode & ALL_BITS) | STICKY);
    return (fs.fstatSync(fd).mode & STICKY) !== 0 && text === serializeLease(lease);
  }) === true;
const [STICKY, ALL_BITS] = [0o1000, 0o7777];

/**
 * Writes over the lease where it lies, for a full disk: the block it has is enough. Only over a good one of
 * this session that has no other name. Torn by a crash it is a bad one, which keeps. Throws the system's
 * error.
 */
export function overwriteLease(dir: string, lease: Lease): void {
  inLease(dir, lease, O_RDWR, (fd, { nlink, size }) => {
    if (nlink !== 1) return;
    const text = Buffer.from(serializeLease(lease));
    const rest = Buffer.alloc(Math.max(0, size - text.length), ' '); // of a longer one
    const bytes = Buffer.concat([text, rest]);
    fs.writeSync(fd, bytes, 0, bytes.length, 0);
  });
}

/** Opens the file of a good lease of this session, just read; undefined for any other. */
function inLease<T>(
  dir: string,
  { id }: Lease,
  mode: number,
  use: (fd: number, stat: Stats) => T,
): T | undefined {
  return inDirectory(dir, (base) =>
    withFile(leaseFile(base), mode | O_NOFOLLOW | O_NONBLOCK, (fd) => {
      const found = readOpenLease(fd);
      return found.kind === 'good' && found.lease.id === id ? use(fd, fs.fstatSync(fd)) : undefined;
    }),
  );
}

/** The lease of the session `id` in the directory it is in now. */
export function readLease(dir: string, id = basename(dir)): FoundLease {
  const file = leaseFile(dir);
  const fd = attempt(() => fs.openSync(file, TO_READ));
  if (fd === undefined)
    return statOf(file) ? { kind: 'bad', why: 'lease cannot be opened' } : { kind: 'none' };
  try {
    const found = readOpenLease(fd);
    const isAnothers = found.kind === 'good' && found.lease.id !== id;
    return isAnothers ? { kind: 'bad', why: 'lease names another session' } : found;
  } finally {
    fs.closeSync(fd);
  }
}

function readOpenLease(fd: number): FoundLease {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) return { kind: 'bad', why: 'lease is not a regular file' };
  if (!isOurs(stat)) return { kind: 'bad', why: 'lease belongs to somebody else' };
  if (stat.size > MAX_LEASE_BYTES) return { kind: 'bad', why: 'lease is too large' };
  const lease = parseLease(BUFFER.toString('utf8', 0, fs.readSync(fd, BUFFER, 0, MAX_LEASE_BYTES, 0)));
  if (!lease) return { kind: 'bad', why: 'lease cannot be understood' };
  if ((stat.mode & STICKY) !== 0) lease.ending ??= isoTime(stat.ctimeMs);
  return { kind: 'good', lease, heartbeatAt: setAt(stat, Date.now()) };
}

/** Shared: thousands are read in a pass, and each is parsed before the next. */
const BUFFER = Buffer.alloc(MAX_LEASE_BYTES);
