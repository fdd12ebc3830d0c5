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

/**
 * How long nobody needs to ask again: until half of the room that is left could be gone, at the pace of a
 * fast disk. Pure.
 */
export function nextLookMs(headroom: Headroom | undefined): number {
  if (!headroom) return MOST_MS;
  const { bytesFree, inodesFree, inodesTotal } = headroom;
  const bytesMs = bytesFree / 2 / BYTES_A_MS;
  const inodesMs = inodesTotal > 0 ? inodesFree / 2 / INODES_A_MS : MOST_MS;
  return Math.round(Math.min(MOST_MS, Math.max(LEAST_MS, Math.min(bytesMs, inodesMs))));
}

/** Hardly anything can be written any more: worth a probe. */
export const isSpent = ({ bytesFree, inodesFree, inodesTotal }: Headroom): boolean =>
  bytesFree < PROBE_BYTES || (inodesTotal > 0 && inodesFree < PROBE_INODES);

const MOST_MS = 10 * 60_000;
const LEAST_MS = 5_000;
const BYTES_A_MS = 200 * 1024;
const INODES_A_MS = 20;
const PROBE_BYTES = 256 * 1024;
const PROBE_INODES = 4;
