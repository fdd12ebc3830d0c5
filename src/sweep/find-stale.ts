// Which units are stale throughout and held by nobody. Nothing is changed here.
import { dirname } from 'node:path';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Snapshot } from '../process/snapshot.js';
import { mountFailures } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { usedPaths } from '../take/users.js';
import { examine } from './examine.js';
import { examineAll } from './examine-all.js';
import { readsNotedAt } from './last-use.js';

export interface SweptUnit {
  path: string;
  reason: string;
  bytes: number;
  entries: number;
}

/** A unit that nobody holds and that is stale throughout. */
export interface StaleUnit extends SweptUnit {
  /** When something in it was used at the latest, ms since 1970. */
  newestAt: number;
}

export interface StaleQuestion {
  units: readonly string[];
  /** A look at the processes, `units` among the watched directories. */
  snapshot: Snapshot;
  maxAgeMs: number;
}

/** All that would go now. A unit inside another one that goes is not told. */
export async function findStale({ units, snapshot, maxAgeMs }: StaleQuestion): Promise<SweptUnit[]> {
  const isHeld = usedPaths(snapshot);
  const free = units.filter((path) => !isHeld(path));
  const findings = await examineAll(free, { freshAfter: freshAfter(maxAgeMs) });
  const seen = new Set<string>();
  const stale = findings.flatMap(({ reason, bytes, entries }, at): SweptUnit[] => {
    const path = free[at] as string;
    if (reason || isBelowAny(seen, path)) return [];
    seen.add(path);
    return [{ path, reason: 'stale', bytes, entries }];
  });
  return withoutMounts(stale);
}

/**
 * The same with the time each was used last. It stops at `until` (performance.now()): what was not seen to
 * its end is not among them.
 */
export async function findStaleUntil({
  units,
  snapshot,
  maxAgeMs,
  until = Infinity,
}: StaleQuestion & { until?: number }): Promise<{ stale: StaleUnit[]; isPartial: boolean }> {
  const isHeld = usedPaths(snapshot);
  const mounts = readMounts();
  const stale: StaleUnit[] = [];
  const seen = new Set<string>();
  let isPartial = false;
  for (const path of units) {
    if (performance.now() > until) {
      isPartial = true;
      break;
    }
    if (isBelowAny(seen, path) || isHeld(path)) continue;
    const { reason, ...unit } = await examine(path, {
      freshAfter: freshAfter(maxAgeMs),
      noted: readsNotedAt(path, mounts),
      until,
    });
    isPartial ||= reason === 'no-time';
    if (reason) continue;
    seen.add(path);
    stale.push({ path, reason: 'stale', ...unit });
  }
  return { stale: withoutMounts(stale), isPartial };
}

/** Something mounted in a unit is another's. */
function withoutMounts<T extends SweptUnit>(units: readonly T[]): T[] {
  const mounts = readMounts();
  return units.filter(({ path }) => mountFailures(path, mounts).length === 0);
}

const isBelowAny = (paths: ReadonlySet<string>, path: string): boolean => {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (paths.has(at)) return true;
  return false;
};

/** What was used later is fresh, ms since 1970. */
export const freshAfter = (maxAgeMs: number): number => Date.now() - Math.max(maxAgeMs, MIN_MAX_AGE_MS);
