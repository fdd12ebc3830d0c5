// Is a file system short of room, of what, and how much is still missing? Asked again after each step: others
// may write meanwhile.
import { isWithin } from '../root/layout.js';
import { type Headroom, headroomOf } from '../space/headroom.js';
import { fullNow } from '../space/probe.js';
import { lowRoom, missingRoom, type Room, type Watermarks } from '../space/watermarks.js';
import { missingYet } from './eviction-steps.js';
import type { PressureStep, ReapReport } from './reap-report.js';

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

export type Gone = Pick<ReapReport, 'removed' | 'swept'>;

export interface Shortage {
  cause: PressureStep['cause'];
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
  const first = headroomOf(volume.dir);
  if (!first) return undefined;
  const sum: Room = { bytes: 0, inodes: 0 };
  const freed = (gone: Gone) => {
    for (const { bytes, entries } of onVolume(gone, volume)) {
      sum.bytes += bytes;
      sum.inodes += entries;
    }
  };
  if (isDryRun) freed(before);
  const headroomNow = (): Headroom => {
    if (!isDryRun) return headroomOf(volume.dir) ?? first;
    return { ...first, bytesFree: first.bytesFree + sum.bytes, inodesFree: first.inodesFree + sum.inodes };
  };
  const code = isDryRun ? undefined : fullNow(volume.dir);
  const cause = lowCause(headroomNow(), watermarks) ?? code;
  if (!cause) return undefined;
  const now = () => {
    const headroom = headroomNow();
    const isFull = code !== undefined && fullNow(volume.dir) !== undefined;
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

const onVolume = ({ removed, swept }: Gone, { roots, legacyDirs }: Volume) => [
  ...removed.filter(({ root }) => roots.includes(root)),
  ...swept.filter(({ path }) => [...roots, ...legacyDirs].some((dir) => isWithin(dir, path))),
];
