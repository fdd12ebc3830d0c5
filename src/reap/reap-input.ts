// What one pass of the reaper is told: checked, and plain data, so that another process can be given it.
import type { WorkChoice } from '../options.js';
import type { Failure } from '../remove/failure.js';
import type { Marks } from '../space/marks.js';

export interface ReapInput {
  roots: string[];
  /** Roots, and what they would lie on, that do not answer: told, not looked at. */
  unseen?: readonly Failure[] | undefined;
  maxAgeMs: number;
  /** `end`: members of sessions whose owner is dead are ended first. */
  orphans: 'wait' | 'end';
  /** Backends whose legacy entries are looked at, and whether they are taken. */
  legacy: { backends: readonly string[]; isTaken: boolean };
  /** Where agents without us write: the system's temp directories. */
  legacyDirs: readonly string[];
  isDryRun: boolean;
  spare: string[];
  /** `remove`: worktrees in sessions count for nothing. */
  work?: WorkChoice | undefined;
  /** Only orphans, at most so many: the pass at the start of a session. */
  limit?: number | undefined;
  /** How much room must be left; without it nobody looks. */
  marks?: Marks | undefined;
}
