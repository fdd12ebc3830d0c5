// What agents left in the system's temp directory when they were started without us, or before us. Only what one agent makes
// and no other session shares (the profiles' `legacy`), only ours, only when stale throughout and held by nobody.
import type { BackendProfile } from '../backends/profile.js';
import { attempt, fs } from '../fs.js';
import { takeSnapshot } from '../process/snapshot.js';
import { removeTree } from '../remove/remove-tree.js';
import { ASIDE, claimLeftovers, isOnTrial } from '../remove/trash.js';
import { ownUid } from '../root/guard.js';
import { findParents, findUnits } from '../sweep/find-units.js';
import type { SweepResult } from '../sweep/remove-stale.js';
import { sweepUnits } from '../sweep/sweep-units.js';
import { usage } from './is-used.js';

export interface LegacyInput {
  legacyDirs: readonly string[];
  maxAgeMs: number;
  isDryRun: boolean;
}

/** Sweeps the legacy units of these profiles. */
export async function sweepLegacy(
  profiles: readonly BackendProfile[],
  { legacyDirs, maxAgeMs, isDryRun }: LegacyInput,
): Promise<SweepResult> {
  const patterns = profiles.flatMap(({ legacy }) => legacy);
  const units = legacyDirs.flatMap((dir) => findUnits(dir, patterns));
  // Also where no unit is left: it may have been the last one that was moved aside.
  const places = [...legacyDirs, ...legacyDirs.flatMap((dir) => findParents(dir, patterns))];
  const failed = isDryRun ? [] : await emptyAside(places);
  if (units.length === 0) return { swept: [], failed };
  const snapshot = await takeSnapshot({ roots: [], dirs: new Set(legacyDirs) });
  const result = await sweepUnits({ units, bases: legacyDirs, snapshot, maxAgeMs, isDryRun });
  return { swept: result.swept, failed: [...failed, ...result.failed] };
}

/** What a reaper that died had moved aside. */
async function emptyAside(dirs: Iterable<string>): Promise<SweepResult['failed']> {
  const failed: SweepResult['failed'] = [];
  for (const dir of dirs) {
    const names = attempt(() => fs.readdirSync(dir)) ?? [];
    const isAnyOurs = names.some(
      (name) => name.startsWith(ASIDE) && attempt(() => fs.lstatSync(`${dir}/${name}`))?.uid === ownUid(),
    );
    if (!isAnyOurs) continue;
    const dirs = claimLeftovers(dir, ASIDE);
    const watched = new Set(dirs.filter(isOnTrial));
    const isUsed = watched.size > 0 ? usage(await takeSnapshot({ roots: [], dirs: watched })) : () => false;
    for (const path of dirs)
      if (!(isOnTrial(path) && isUsed(path, path))) failed.push(...(await removeTree(path)));
  }
  return failed;
}
