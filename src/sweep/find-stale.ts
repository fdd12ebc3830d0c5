// Which units are stale throughout and used by nobody. Changes nothing.
import { dirname } from 'node:path';
import { monotonicMs } from '../clock.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { ProcessTable } from '../process/table.js';
import { mountFailures } from '../remove/failure.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { usedPaths } from '../take/users.js';
import { examine } from './examine.js';

export interface SweptUnit {
  path: string;
  reason: string;
  bytes: number;
  entries: number;
}

/** A unit that nobody uses and that is stale throughout. */
export interface StaleUnit extends SweptUnit {
  /** When something in it was last used, ms since 1970. */
  newestAt: number;
}

/** What a look at a unit needs: made once for many. */
export interface Sights {
  isHeld: (path: string) => boolean;
  mounts: readonly Mount[];
}

export const sightsIn = (table: ProcessTable): Sights => ({ isHeld: usedPaths(table), mounts: readMounts() });

export interface StaleQuestion {
  units: readonly string[];
  /** A look at the processes, `units` among the watched directories. */
  table: ProcessTable;
  maxAgeMs: number;
}

/**
 * The units that may go now, without those inside another one that goes. Stops at `until` (`monotonicMs()`):
 * what was not seen to its end is left out.
 */
export async function findStale({
  units,
  table,
  maxAgeMs,
  until,
  sights = sightsIn(table),
}: StaleQuestion & { until?: number; sights?: Sights }): Promise<{ stale: StaleUnit[]; isPartial: boolean }> {
  const { isHeld, mounts } = sights;
  const stale: StaleUnit[] = [];
  const seen = new Set<string>();
  let isPartial = false;
  for (const path of units) {
    if (until !== undefined && monotonicMs() > until) {
      isPartial = true;
      break;
    }
    if (isBelowAny(seen, path) || isHeld(path) || mountFailures(path, mounts).length > 0) continue;
    const options = { freshAfter: freshAfter(maxAgeMs), mounts };
    const { reason, ...unit } = await examine(path, until === undefined ? options : { ...options, until });
    isPartial ||= reason === 'no-time';
    if (reason) continue;
    seen.add(path);
    stale.push({ path, reason: 'stale', ...unit });
  }
  return { stale, isPartial };
}

const isBelowAny = (paths: ReadonlySet<string>, path: string): boolean => {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (paths.has(at)) return true;
  return false;
};

/** What was used later is fresh, ms since 1970. */
export const freshAfter = (maxAgeMs: number): number => Date.now() - Math.max(maxAgeMs, MIN_MAX_AGE_MS);
