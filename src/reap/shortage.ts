// Is a file system short of room, of what, and how much is still missing? Asked again after each step: others
// may write meanwhile.
import { isWithin } from '../root/layout.js';
import { type Headroom, headroomOf } from '../space/headroom.js';
import { type FullCode, fullNow } from '../space/probe.js';
import { lowRoom, missingRoom, type Room, type Watermarks } from '../space/watermarks.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { missingYet } from './eviction-steps.js';
import type { Removed } from './take-sessions.js';

/** A file system, by what of ours is on it. */
export interface Volume {
  /** Its mount point. */
  name: string;
  /** Any directory there that we may write. */
  dir: string;
  roots: string[];
  /** Temp directories there in which what agents left may be taken. */
  legacyDirs: string[];
}

export interface Gone {
  removed: Removed[];
  swept: SweptUnit[];
}

export interface Shortage {
  /** Short of free bytes or inodes; or a write was refused with room to be seen (a quota). */
  cause: 'bytes' | 'inodes' | FullCode;
  now(): { headroom: Headroom; missing: Room };
  /** Something went. */
  freed(gone: Gone): void;
}

export interface ShortageQuestion {
  watermarks: Watermarks;
  /** Nothing goes, nothing is written: what would be freed is added up, and a quota is not noticed. */
  isDryRun: boolean;
  /** What the pass took there already, or would take. */
  before: Gone;
}

/** undefined when there is room, or nothing can be asked. */
export function shortageAt(
  volume: Volume,
  { watermarks, isDryRun, before }: ShortageQuestion,
): Shortage | undefined {
  const sum: Room = { bytes: 0, inodes: 0 };
  const first = headroomOf(volume.dir);
  if (!first) return undefined;
  const freed = (gone: Gone) => add(sum, onVolume(gone, volume));
  if (isDryRun) freed(before);
  const code = isDryRun ? undefined : fullNow(volume.dir);
  const isFull = () => code !== undefined && fullNow(volume.dir) !== undefined;
  const headroom = () => (isDryRun ? plus(first, sum) : (headroomOf(volume.dir) ?? first));
  const cause = lowCause(headroom(), watermarks) ?? code;
  if (!cause) return undefined;
  const now = () => {
    const room = headroom();
    const isHidden = cause === code;
    return {
      headroom: room,
      missing: missingYet({ headroom: room, watermarks, isHidden, isFull: isFull(), freed: sum }),
    };
  };
  return { cause, now, freed };
}

/** Which low watermark is crossed. */
function lowCause(headroom: Headroom, watermarks: Watermarks): 'bytes' | 'inodes' | undefined {
  const { bytes, inodes } = missingRoom(headroom, lowRoom(headroom, watermarks));
  return bytes > 0 ? 'bytes' : inodes > 0 ? 'inodes' : undefined;
}

const plus = (headroom: Headroom, freed: Room): Headroom => ({
  ...headroom,
  bytesFree: headroom.bytesFree + freed.bytes,
  inodesFree: headroom.inodesFree + freed.inodes,
});

function add(sum: Room, things: readonly { bytes: number; entries: number }[]): void {
  for (const { bytes, entries } of things) {
    sum.bytes += bytes;
    sum.inodes += entries;
  }
}

const onVolume = ({ removed, swept }: Gone, { roots, legacyDirs }: Volume) => [
  ...removed.filter(({ root }) => roots.includes(root)),
  ...swept.filter(({ path }) => [...roots, ...legacyDirs].some((dir) => isWithin(dir, path))),
];
