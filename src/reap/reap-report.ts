// What a pass of the reaper tells.
import type { Failure } from '../remove/failure.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import type { KeptWork } from '../work/kept-work.js';
import type { SessionState } from './judge.js';
import type { PressureStep } from './relieve.js';
import type { Removed } from './take-sessions.js';

export interface ReapReport {
  version: 1;
  dryRun: boolean;
  /** Sessions removed (or that would be), those among them that a dead remover had begun. */
  removed: Removed[];
  /** Units removed inside living sessions, and legacy ones. */
  swept: SweptUnit[];
  /** Stale legacy entries that nobody asked to take. */
  legacy: SweptUnit[];
  /** `work`: what in it is not temp, for the reason `worktree`. */
  kept: { id: string; state: SessionState; reason: string; work?: KeptWork[] }[];
  failed: Failure[];
  /** What was done because a file system was short of room; empty where none was. */
  pressure: PressureStep[];
  bytes: number;
  entries: number;
  /** Duration in ms. */
  ms: number;
}

export interface Progress {
  removed: number;
  bytes: number;
  entries: number;
}

/** Adds to the sums of the report, and shows progress. */
export type Count = (sum: { bytes: number; entries: number }) => void;
