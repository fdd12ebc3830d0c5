// Can anything be written here? Only a write shows it: statfs(2) does not see a user's quota, and access(2)
// sees neither. Blocks and inodes both, synced, since some file systems refuse only when the data goes out
// (fsync(2), close(2)). No sync where the write itself claims the space: it would show nothing, and wait for
// what others have the disk do.
import { join } from 'node:path';
import {
  attempt,
  codeOf,
  fs,
  inDirectory,
  isFullCode,
  O_TMPFILE,
  O_WRONLY,
  quietly,
  TO_MAKE,
} from '../fs.js';

/** What a full file system answers: `ENOSPC` for all (blocks or inodes), `EDQUOT` for one user or group. */
export type FullCode = 'ENOSPC' | 'EDQUOT';

/** The first time a write was refused. */
export interface Pressure {
  /** `EDQUOT`: the user's quota; `ENOSPC`: blocks or inodes of all. */
  code: FullCode;
  /** ISO 8601. */
  at: string;
  /** The session's own limit, where that was reached. */
  limitBytes?: number;
}

export const isFull = (error: unknown): boolean => isFullCode(codeOf(error));

/** Writes a little below `dir` and takes it away again. Throws the system's error. */
export function probe(dir: string): void {
  inDirectory(dir, (base) => {
    const files: number[] = [];
    try {
      for (let file = 0; file < FILES; file += 1) files.push(openNameless(base, file));
      const written = writeBlocks(files);
      if (!isClaimedByWrite(base)) for (const fd of written) fs.fsyncSync(fd);
    } finally {
      for (const fd of files) fs.closeSync(fd);
    }
  });
}

/** A file without a name: whoever dies in the middle of a probe leaves nothing behind. */
function openNameless(dir: string, file: number): number {
  try {
    if (O_TMPFILE !== 0) return fs.openSync(dir, O_WRONLY | O_TMPFILE, 0o600);
  } catch (error) {
    if (!HAS_NO_TMPFILE.has(codeOf(error) ?? '')) throw error;
  }
  const path = join(dir, `.probe.${process.pid}.${file}`);
  const fd = fs.openSync(path, TO_MAKE, 0o600);
  quietly(() => fs.unlinkSync(path)); // else it goes with the session; the write is what was asked about
  return fd;
}

/** The code when the file system is full now, undefined when it is not, or cannot be asked. */
export function fullNow(dir: string): FullCode | undefined {
  try {
    probe(dir);
  } catch (error) {
    if (isFull(error)) return codeOf(error) as FullCode;
  }
  return undefined;
}

/** Into the first of `files`, and on where it may not get larger (`ulimit -f`). Gives those written. */
function writeBlocks(files: readonly number[]): number[] {
  let left = BLOCKS * BLOCK.length;
  return files.filter((fd) => {
    const before = left;
    left -= writeUpTo(fd, left);
    return left < before;
  });
}

function writeUpTo(fd: number, bytes: number): number {
  let written = 0;
  try {
    // A short write is how the system reports the last free block, or the limit; the next one fails.
    while (written < bytes) written += fs.writeSync(fd, BLOCK, 0, Math.min(BLOCK.length, bytes - written));
  } catch (error) {
    if (codeOf(error) !== 'EFBIG') throw error;
  }
  return written;
}

/** Space and quota are reserved before write(2) returns, also where the blocks are allocated later. */
export const isClaimedByWrite = (dir: string): boolean =>
  CLAIMING.has(attempt(() => fs.statfsSync(dir))?.type ?? 0);

/** Network and stacked file systems (open(2)). */
const HAS_NO_TMPFILE = new Set(['EOPNOTSUPP', 'ENOTSUP', 'EISDIR', 'ENOENT', 'EINVAL']);
/**
 * statfs(2). ext2 to ext4 (ext4_da_reserve_space, fs/ext4/inode.c), XFS (xfs_bmapi_reserve_delalloc,
 * fs/xfs/libxfs/xfs_bmap.c), tmpfs.
 */
const CLAIMING = new Set([0xef53, 0x58465342, 0x01021994]);
const FILES = 4; // an agent's first command makes about as many
const BLOCKS = 4;
const BLOCK = Buffer.alloc(64 * 1024, 1); // not zeros: they may be compressed, or stored as a hole
