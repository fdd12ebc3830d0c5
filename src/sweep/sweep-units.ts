// Removes units that are stale throughout and that nobody holds: examined where they are, and once more when they were moved aside.
import { findStale, type StaleQuestion } from './find-stale.js';
import { type RemoveOptions, removeStale, type SweepResult } from './remove-stale.js';

export interface SweepOptions extends StaleQuestion, RemoveOptions {
  isDryRun: boolean;
}

/** Sweeps `units`, or tells what would go. */
export async function sweepUnits(options: SweepOptions): Promise<SweepResult> {
  const stale = await findStale(options);
  return options.isDryRun ? { swept: stale, failed: [] } : removeStale(stale, options);
}
