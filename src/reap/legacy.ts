// What agents left in the system's temp directory when they were started without us, or before us. Only what
// one agent makes and no other session shares (the profiles' `legacy`), only ours, only when stale throughout
// and held by nobody.
import type { BackendProfile } from '../backends/profile.js';
import { takeSnapshot } from '../process/snapshot.js';
import { mountFailures } from '../remove/failure.js';
import { isWithin } from '../root/layout.js';
import { claimPlaces, findShapes, unseenUnits } from '../sweep/find-units.js';
import { type SweepResult, sweepUnits } from '../sweep/take-units.js';
import { finishUnits } from './finish-dead.js';

export interface LegacyInput {
  legacyDirs: readonly string[];
  maxAgeMs: number;
  isDryRun: boolean;
}

/** Sweeps the legacy units of these profiles, and finishes what a reaper that died had claimed of them. */
export async function sweepLegacy(
  profiles: readonly BackendProfile[],
  { legacyDirs, maxAgeMs, isDryRun }: LegacyInput,
): Promise<SweepResult> {
  const patterns = profiles.flatMap(({ legacy }) => legacy);
  const result: SweepResult = { swept: [], failed: [] };
  const add = ({ swept, failed }: SweepResult) => {
    result.swept.push(...swept);
    result.failed.push(...failed);
  };
  for (const base of legacyDirs) {
    add(await finishUnits(base, claimPlaces(base, patterns), { maxAgeMs, isDryRun }));
    const shapes = findShapes(base, patterns);
    const isInUnit = (point: string) => [...shapes.keys()].some((unit) => isWithin(unit, point)); // told with it
    for (const point of unseenUnits(base, patterns))
      if (!isInUnit(point)) result.failed.push(...mountFailures(point));
    if (shapes.size === 0) continue;
    const snapshot = await takeSnapshot({ roots: [], dirs: new Set(legacyDirs) });
    add(await sweepUnits({ shapes, base, snapshot, maxAgeMs, isDryRun }));
  }
  return result;
}
