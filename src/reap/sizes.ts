// How much is in sessions: measured where a verdict depends on it, or where it is wanted.
import { canListPids } from '../process/list-pids.js';
import type { Snapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';
import { contentsOf } from './contents.js';
import { type Measure, measure } from './measure.js';
import type { Place, SessionPlace } from './places.js';
import { type Detail, sizeOf, sizesByFind } from './size-of.js';

export interface SizeOptions {
  /** Measure every TMPDIR, not only those whose age decides; of those that only for what is wanted here. */
  wantsSizes?: Detail;
  /**
   * Walk no longer than this (performance.now()). Where the age would decide, not having seen all counts as
   * young.
   */
  until?: number;
}

/** Of many sessions at once, found while we look at leases and processes; of few none. */
export async function sizesOfMany(
  sessions: readonly SessionPlace[],
  { wantsSizes, until }: SizeOptions,
): Promise<Map<string, Measure>> {
  if (!wantsSizes || until !== undefined || sessions.length < MANY) return new Map();
  return sizesByFind(
    sessions.map(({ at }) => tmpDir(at)),
    wantsSizes,
  );
}

/**
 * Of one session, where it is wanted or the verdict depends on it: then it is measured after the look at the
 * processes.
 */
export function sizeIn(
  place: Place,
  snapshot: Snapshot,
  known: ReadonlyMap<string, Measure>,
  { wantsSizes, until }: SizeOptions,
): Promise<Measure> | Measure | undefined {
  if (!wantsSizes && !isAgeAsked(place)) return undefined;
  const { dir, at, found } = place;
  const isMoved = at !== dir;
  const contents = found.kind === 'good' && !isMoved ? contentsOf(dir, found.lease, snapshot) : tmpDir(at);
  if (!wantsSizes || isAgeAsked(place)) return measure(contents, { until });
  return (
    known.get(contents) ?? (until === undefined ? sizeOf(contents, wantsSizes) : measure(contents, { until }))
  );
}

export const isAgeAsked = ({ owner, isLocked }: Place): boolean =>
  owner === 'unknown' || (owner === 'elsewhere' && !isLocked) || !canListPids();

/** Fewer are looked through sooner than another process is started, unless they are large. */
const MANY = 10;
