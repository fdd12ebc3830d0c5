// How soon a file system may be full: so long nobody needs to ask it again. Pure.
import type { Headroom } from './headroom.js';

/** Until half of the room that is left could be gone, at the pace of a fast disk. */
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
