// Is a file system short of room, of what, and how much is still missing? Asked again after each step: others
// may write meanwhile.
import { type Headroom, headroomOf } from '../space/headroom.js';
import { fullNow } from '../space/probe.js';
import { lowRoom, missingRoom, type Room, type Watermarks } from '../space/watermarks.js';
import type { Size } from '../tree/reclaimable.js';
import { missingYet } from './eviction-steps.js';
import type { PressureStep } from './reap-report.js';

export interface Shortage {
  cause: PressureStep['cause'];
  now(): { headroom: Headroom; missing: Room };
  /** Something went. */
  freed(things: Iterable<Size>): void;
}

/**
 * Of the file system of `dir`, where we may write; undefined when there is room, or nothing can be asked.
 * `wouldBeGone`: in a dry run what a pass had taken there before. Nothing goes then and nothing is written:
 * what would be freed is added up, and a quota is not noticed.
 */
export function shortageAt(
  dir: string,
  watermarks: Watermarks,
  wouldBeGone?: Iterable<Size>,
): Shortage | undefined {
  const first = headroomOf(dir);
  if (!first) return undefined;
  const sum: Room = { bytes: 0, inodes: 0 };
  const freed = (things: Iterable<Size>) => {
    for (const { bytes, entries } of things) {
      sum.bytes += bytes;
      sum.inodes += entries;
    }
  };
  freed(wouldBeGone ?? []);
  const headroomNow = (): Headroom => {
    if (!wouldBeGone) return headroomOf(dir) ?? first;
    return { ...first, bytesFree: first.bytesFree + sum.bytes, inodesFree: first.inodesFree + sum.inodes };
  };
  const code = wouldBeGone ? undefined : fullNow(dir);
  const cause = lowCause(headroomNow(), watermarks) ?? code;
  if (!cause) return undefined;
  const now = () => {
    const headroom = headroomNow();
    const isFull = code !== undefined && fullNow(dir) !== undefined;
    const isHidden = cause === code;
    return { headroom, missing: missingYet({ headroom, watermarks, isHidden, isFull, freed: sum }) };
  };
  return { cause, now, freed };
}

/** Which low watermark is crossed. */
function lowCause(headroom: Headroom, watermarks: Watermarks): 'bytes' | 'inodes' | undefined {
  const { bytes, inodes } = missingRoom(headroom, lowRoom(headroom, watermarks));
  return bytes > 0 ? 'bytes' : inodes > 0 ? 'inodes' : undefined;
}
