// How much room a file system has left, as it says itself. A user's quota is not in there (see probe.ts).
import { attempt, fs } from '../fs.js';

export interface Headroom {
  /** For us: without what is reserved for root. */
  bytesFree: number;
  /** What is reserved for root is neither free nor used, as df(1) has it. */
  bytesUsed: number;
  bytesTotal: number;
  /** 0 of 0 where the file system counts none (btrfs). */
  inodesFree: number;
  inodesTotal: number;
}

/** The headroom of the file system `dir` is on; undefined where it cannot be asked. */
export function headroomOf(dir: string): Headroom | undefined {
  const stat = attempt(() => fs.statfsSync(dir));
  if (!stat) return undefined;
  const { bsize, blocks, bfree, bavail, files, ffree } = stat;
  return {
    bytesFree: Math.max(0, bavail) * bsize, // below the reserve it wraps around on some systems
    bytesUsed: (blocks - bfree) * bsize,
    bytesTotal: blocks * bsize,
    inodesFree: ffree,
    inodesTotal: files,
  };
}
