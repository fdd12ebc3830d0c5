// Sweeps one directory: finishes what a remover that died had begun there, then takes the units that are
// stale throughout and used by nobody.
import { dirname } from 'node:path';
import type { UnitPattern } from '../backends/patterns.js';
import type { ProcessTable } from '../process/table.js';
import { deadUnits, takeOverUnits, UNFINISHED } from '../take/dead-claims.js';
import { finish } from '../take/finish.js';
import { sizeOf } from '../tree/measure.js';
import type { SweptUnit } from './find-stale.js';
import { claimPlaces, findShapes } from './find-units.js';
import { asSwept, type SweepResult, staleAgain, sweepUnits } from './take-units.js';

export interface SweepQuestion {
  /** Where units are looked for. */
  dir: string;
  /** A directory at or above it that nobody but us can swap. */
  base: string;
  patterns: readonly UnitPattern[];
  maxAgeMs: number;
  isDryRun: boolean;
  /** False: nothing more is to be removed. */
  isWanted?: (() => boolean) | undefined;
  /** A look at the processes; asked only where there are units. */
  look(): Promise<ProcessTable>;
}

/** Sweeps `dir`, or in a dry run says what would go; `units` are all that were found there. */
export async function sweep({
  dir,
  base,
  patterns,
  look,
  ...policy
}: SweepQuestion): Promise<SweepResult & { units: string[] }> {
  const finished = await finishUnits({ dir, base, patterns, ...policy });
  const shapes = findShapes(dir, patterns);
  const { swept, failed } =
    shapes.size > 0
      ? await sweepUnits({ shapes, base, table: await look(), ...policy })
      : { swept: [], failed: [] };
  return {
    swept: [...finished.swept, ...swept],
    failed: [...finished.failed, ...failed],
    units: [...shapes.keys()],
  };
}

/**
 * Finishes, or gives back, units whose claimers died. They may have died before their second look. What shape
 * a unit had nobody knows any more: in doubt it goes back, and is found anew.
 */
async function finishUnits({
  dir: top,
  base,
  patterns,
  maxAgeMs,
  isDryRun,
  isWanted,
}: Omit<SweepQuestion, 'look'>): Promise<SweepResult> {
  const dirs = claimPlaces(top, patterns);
  if (isDryRun) {
    const units = dirs.flatMap((dir) => deadUnits(base, dir));
    return { swept: await Promise.all(units.map((path) => unfinished(path))), failed: [] };
  }
  if (isWanted?.() === false) return { swept: [], failed: [] };
  const groups = dirs.flatMap((dir) => takeOverUnits(base, dir));
  const units = new Map<string, SweptUnit>();
  const taken = await finish(groups, {
    lookAgain: (claims) =>
      staleAgain(claims, { maxAgeMs, mayBePart: () => true, goesWithDir: (path) => dirname(path) !== top }),
    onGoing: async ({ thing: { path }, at }) => void units.set(path, await unfinished(path, at)),
  });
  return asSwept(taken, ({ thing: { path } }) => units.get(path) as SweptUnit);
}

const unfinished = async (path: string, at = path): Promise<SweptUnit> => ({
  path,
  reason: UNFINISHED,
  ...(await sizeOf(at)),
});
