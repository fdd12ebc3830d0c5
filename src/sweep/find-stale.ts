// Which units are stale throughout and used by nobody. Changes nothing.
import { dirname } from 'node:path';
import { isByCommand, type Shape } from '../backends/patterns.js';
import { monotonicMs } from '../clock.js';
import type { ProcessTable } from '../process/table.js';
import { mountFailures } from '../remove/failure.js';
import { readMounts } from '../root/mounts.js';
import { usedPaths, workplaces } from '../take/users.js';
import type { Size } from '../tree/reclaimable.js';
import { examine } from './examine.js';

export interface SweptUnit extends Size {
  path: string;
  reason: string;
}

/** A unit that nobody uses and that is stale throughout. */
export interface StaleUnit extends SweptUnit {
  /** When something in it was last used, ms since 1970. */
  newestAt: number;
}

export interface StaleQuestion {
  units: readonly string[];
  /** Their shapes, where those are known. */
  shapes?: ReadonlyMap<string, Shape> | undefined;
  /** A look at the processes, `units` among the watched directories. */
  table: ProcessTable;
  maxAgeMs: number;
  /** Stop then (`monotonicMs()`): what was not seen to its end is left out. */
  until?: number;
  /** Also those inside another one that goes. */
  isEach?: boolean;
}

/** The units that may go now. */
export async function findStale({
  units,
  shapes,
  table,
  maxAgeMs,
  until,
  isEach = false,
}: StaleQuestion): Promise<{ stale: StaleUnit[]; isPartial: boolean }> {
  const [isUsed, isWorkedIn] = [usedPaths(table), workplaces(table)];
  const isHeld = (path: string) =>
    isUsed(path) || (isByCommand(shapes?.get(path)) && isWorkedIn(dirname(path)));
  const mounts = readMounts();
  const stale: StaleUnit[] = [];
  const seen = new Set<string>();
  let isPartial = false;
  for (const path of units) {
    if (until !== undefined && monotonicMs() > until) return { stale, isPartial: true };
    if (!isEach && isBelowAny(seen, path)) continue;
    if (isHeld(path) || mountFailures(path, mounts).length > 0) continue;
    const { reason, ...unit } = await examine(path, { maxAgeMs, mounts, until });
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
