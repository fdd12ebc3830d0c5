// What agents left in the system's temp directory when they were started without us, or before us. Only what
// one agent makes and no other session shares (the profiles' `legacy`), only ours, only when stale throughout
// and held by nobody.
import type { BackendProfile } from '../backends/profile.js';
import { takeTable } from '../process/take-table.js';
import { mountFailures } from '../remove/failure.js';
import { isWithin } from '../root/layout.js';
import { unseenUnits } from '../sweep/find-units.js';
import { sweep } from '../sweep/sweep.js';
import type { SweepResult } from '../sweep/take-units.js';

export interface LegacyInput {
  legacyDirs: readonly string[];
  maxAgeMs: number;
  isDryRun: boolean;
  isWanted?: (() => boolean) | undefined;
}

/** Sweeps the legacy units of these profiles, and finishes what a reaper that died had claimed of them. */
export async function sweepLegacy(
  profiles: readonly BackendProfile[],
  { legacyDirs, maxAgeMs, isDryRun, isWanted }: LegacyInput,
): Promise<SweepResult> {
  const patterns = profiles.flatMap(({ legacy }) => legacy);
  const result: SweepResult = { swept: [], failed: [] };
  const look = () => takeTable({ roots: [], dirs: new Set(legacyDirs) });
  for (const dir of legacyDirs) {
    const policy = { maxAgeMs, isDryRun, isWanted };
    const { swept, failed, units } = await sweep({ ...policy, dir, base: dir, patterns, look });
    const isInUnit = (point: string) => units.some((unit) => isWithin(unit, point));
    const unseen = unseenUnits(dir, patterns).filter((point) => !isInUnit(point));
    result.swept.push(...swept);
    result.failed.push(...failed, ...unseen.flatMap((point) => mountFailures(point)));
  }
  return result;
}
