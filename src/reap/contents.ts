// How much is in a session, and where that can be seen: of an isolated one on a tmpfs only through a process
// inside.
import { coveredDirs } from '../isolate/covered.js';
import type { Lease } from '../lease/lease.js';
import type { Snapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';
import type { Mount } from '../root/mounts.js';
import { type Measure, measure } from '../tree/measure.js';
import { isAgeAsked } from './facts.js';
import type { Place } from './places.js';

export interface SizeOptions {
  /** Measure every TMPDIR, not only those whose age decides. */
  wantsSizes?: boolean;
  /**
   * Walk no longer than this (`monotonicMs()`). Where the age would decide, not having seen all counts as
   * young.
   */
  until?: number;
}

/**
 * Measures a session where that is wanted or the verdict depends on it: to be called after the look at the
 * processes.
 */
export function sizeIn(
  place: Place,
  snapshot: Snapshot,
  { wantsSizes = false, until }: SizeOptions,
  mounts: readonly Mount[],
): Promise<Measure> | undefined {
  if (!wantsSizes && !isAgeAsked(place)) return undefined;
  const { dir, at, found } = place;
  const isInPlace = found.kind === 'good' && at === dir;
  return measure(isInPlace ? contentsOf(dir, found.lease, snapshot) : tmpDir(at), { until, mounts });
}

/** A path that leads there now; the empty directory below the mount when nobody is inside any more. */
const contentsOf = (dir: string, lease: Lease, snapshot: Snapshot): string =>
  inMemory(dir, lease, snapshot) ?? tmpDir(dir);

/** The same of what is in memory. */
export function inMemory(dir: string, { isolate }: Lease, { processes }: Snapshot): string | undefined {
  if (isolate?.sizeBytes === undefined) return undefined;
  const isInside = (pid: number) =>
    processes.get(pid)?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir) ?? false;
  const pid = [isolate.holder ?? 0, ...processes.keys()].find(isInside);
  if (pid === undefined) return undefined;
  return `/proc/${processes.get(pid)?.thread ?? pid}/root${isolate.mode === 'tmpfs' ? tmpDir(dir) : coveredDirs()[0]}`;
}
