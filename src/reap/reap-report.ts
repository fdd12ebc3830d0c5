// What a pass of the reaper reports.
import type { EndedProcess } from '../end/end-members.js';
import type { SessionState } from '../judge/judge.js';
import type { Failure } from '../remove/failure.js';
import type { FullCode } from '../space/probe.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import type { KeptWork } from '../work/kept-work.js';
import type { Removed } from './take-sessions.js';

export interface ReapReport {
  version: 1;
  dryRun: boolean;
  /** Sessions removed (or that would be), those among them that a dead remover had begun. */
  removed: Removed[];
  /** Processes that were ended (`--orphans end`), and of which session they were. */
  ended: ({ id: string } & EndedProcess)[];
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

/** What went at one age, because a file system was short of room. */
export interface PressureStep {
  /** Mount point of the file system. */
  place: string;
  /** Short of free bytes or inodes; or a write was refused with room to be seen: a quota. */
  cause: 'bytes' | 'inodes' | FullCode;
  /** What was not used for so long went, in ms. */
  ageMs: number;
  /** Sessions and units that went. */
  removed: number;
  swept: number;
  bytes: number;
  entries: number;
  /** What was free afterwards. */
  bytesFree: number;
  inodesFree: number;
  /** The target is reached: nothing younger had to go. */
  isEnough: boolean;
}

/** What a pass ended, session by session. */
export const endedBySession = (ended: ReapReport['ended']): [id: string, ended: ReapReport['ended']][] =>
  [...new Set(ended.map(({ id }) => id))].map((id) => [id, ended.filter((one) => one.id === id)]);

export interface Progress {
  removed: number;
  bytes: number;
  entries: number;
}

/** The report of a pass as it grows. What is added shows as progress. */
export interface Tally {
  report: ReapReport;
  addRemoved(those: readonly Removed[]): void;
  addSwept(those: readonly SweptUnit[]): void;
  /** Gives later what was removed, and what failed, from now on. */
  fromNow(): () => Pick<ReapReport, 'removed' | 'failed'>;
}

export function tally(isDryRun: boolean, onProgress: (progress: Progress) => void): Tally {
  const lists = { removed: [], ended: [], swept: [], legacy: [], kept: [], failed: [], pressure: [] };
  const report: ReapReport = { version: 1, dryRun: isDryRun, ...lists, bytes: 0, entries: 0, ms: 0 };
  const count = ({ bytes, entries }: { bytes: number; entries: number }) => {
    report.bytes += bytes;
    report.entries += entries;
    onProgress({ removed: report.removed.length, bytes: report.bytes, entries: report.entries });
  };
  return {
    report,
    addRemoved: (those) => {
      for (const one of those) {
        report.removed.push(one);
        count(one);
      }
    },
    addSwept: (those) => {
      for (const one of those) {
        report.swept.push(one);
        count(one);
      }
    },
    fromNow: () => {
      const [removed, failed] = [report.removed.length, report.failed.length];
      return () => ({ removed: report.removed.slice(removed), failed: report.failed.slice(failed) });
    },
  };
}
