// Sweeps one directory: finishes what a remover that died had begun there, then takes the units that are
// stale throughout and used by nobody.
import { dirname } from 'node:path';
import type { UnitPattern } from '../backends/patterns.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { mountFailures } from '../remove/failure.js';
import { isWithin } from '../root/layout.js';
import { deadUnits, takeOverUnits, UNFINISHED } from '../take/dead-claims.js';
import { finishClaims } from '../take/finish.js';
import { sizeOf } from '../tree/measure.js';
import { findStale } from './find-stale.js';
import { claimPlaces, findShapes, unseenUnits } from './find-units.js';
import { asSwept, type SweepResult, staleAgain, takeUnits } from './take-units.js';

export interface SweepPolicy {
  maxAgeMs: number;
  /** Says what would go. */
  isDryRun: boolean;
  /** False: nothing more is to be removed. */
  isWanted?: (() => boolean) | undefined;
}

export interface SweepQuestion extends SweepPolicy {
  /** Where units are looked for. */
  dir: string;
  /** A directory at or above it that nobody but us can swap. */
  base: string;
  patterns: readonly UnitPattern[];
  /** A look at the processes; asked only where there are units. */
  look(): Promise<ProcessTable>;
}

/** Sweeps `dir`; `units` are all that were found there. */
export async function sweep(question: SweepQuestion): Promise<SweepResult & { units: string[] }> {
  const { dir, patterns, look, maxAgeMs, isDryRun } = question;
  const finished = await finishUnits(question);
  const shapes = findShapes(dir, patterns);
  const units = [...shapes.keys()].sort();
  if (units.length === 0) return { ...finished, units };
  const { stale } = await findStale({ units, shapes, table: await look(), maxAgeMs });
  const found = stale.map(({ newestAt: _, ...unit }) => unit);
  const { swept, failed } = isDryRun
    ? { swept: found, failed: [] }
    : await takeUnits(found, { ...question, shapes });
  return { swept: [...finished.swept, ...swept], failed: [...finished.failed, ...failed], units };
}

/**
 * Sweeps what agents left in the system's temp directories when they were started without us, or before us:
 * only what one agent makes and no other session shares.
 */
export async function sweepLegacy(
  patterns: readonly UnitPattern[],
  { legacyDirs, ...policy }: SweepPolicy & { legacyDirs: readonly string[] },
): Promise<SweepResult> {
  const result: SweepResult = { swept: [], failed: [] };
  const look = () => takeTable({ roots: [], dirs: new Set(legacyDirs) });
  for (const dir of legacyDirs) {
    const { swept, failed, units } = await sweep({ ...policy, dir, base: dir, patterns, look });
    const isInUnit = (point: string) => units.some((unit) => isWithin(unit, point));
    const unseen = unseenUnits(dir, patterns).filter((point) => !isInUnit(point));
    result.swept.push(...swept);
    result.failed.push(...failed, ...unseen.flatMap((point) => mountFailures(point)));
  }
  return result;
}

/**
 * Finishes, or gives back, units whose claimers died. They may have died before their second look. What shape
 * a unit had nobody knows any more: in doubt it goes back, and is found anew.
 */
async function finishUnits(question: Omit<SweepQuestion, 'look'>): Promise<SweepResult> {
  const { dir: top, base, patterns, maxAgeMs, isDryRun, isWanted } = question;
  const dirs = claimPlaces(top, patterns);
  if (isDryRun) {
    const units = dirs.flatMap((dir) => deadUnits(base, dir));
    const swept = units.map(async (path) => ({ path, reason: UNFINISHED, ...(await sizeOf(path)) }));
    return { swept: await Promise.all(swept), failed: [] };
  }
  if (isWanted?.() === false) return { swept: [], failed: [] };
  const groups = dirs.flatMap((dir) => takeOverUnits(base, dir));
  const taken = await finishClaims(groups, {
    lookAgain: (claims) =>
      staleAgain(claims, { maxAgeMs, mayBePart: () => true, goesWithDir: (path) => dirname(path) !== top }),
    measures: true,
  });
  return asSwept(taken, ({ thing: { path }, size }) => ({ path, reason: UNFINISHED, ...NOTHING, ...size }));
}

const NOTHING = { bytes: 0, entries: 0 };
