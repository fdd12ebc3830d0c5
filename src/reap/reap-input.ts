// The input of one pass of the reaper: checked, and plain data, so that it can be sent to another process.
import type { Orphans, Policy } from '../options.js';
import type { Failure } from '../remove/failure.js';
import type { Watermarks } from '../space/watermarks.js';

export interface ReapInput extends Policy {
  roots: string[];
  /** Roots on mounts that do not answer: reported, not looked at. */
  unseen?: readonly Failure[] | undefined;
  /** `end`: members of sessions whose owner is dead are ended first. */
  orphans: Orphans;
  /** Backends whose leftovers (`--legacy`) are looked at, and whether they are taken. */
  legacy: { backends: readonly string[]; isTaken: boolean };
  /** Where agents without us write: the system's temp directories. */
  legacyDirs: readonly string[];
  isDryRun: boolean;
  /** Only orphans, at most so many: the pass at the start of a session. */
  limit?: number | undefined;
  /** The watermarks of free room; without them nobody looks. */
  watermarks?: Watermarks | undefined;
}
