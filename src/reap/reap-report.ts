// What a pass of the reaper reports, and the receipts of that: one for each session of a dead owner that was
// removed or kept, and one for a pass that removed anything.
import { isoTime } from '../clock.js';
import type { EndedProcess } from '../end/end-members.js';
import type { SessionState } from '../judge/judge.js';
import type { PassReceipt, SessionEnd } from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import type { FullCode } from '../space/probe.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import type { Size } from '../tree/reclaimable.js';
import type { KeptWork } from '../work/kept-work.js';
import type { TempRepository } from '../work/work.js';

export interface ReapReport extends Size {
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
  /** Duration in ms. */
  ms: number;
}

/** A session that was removed. */
export interface Removed extends Size {
  id: string;
  root: string;
  reason: string;
  /** Git repositories that lay wholly in it and went with it, where there were any. */
  repositories?: TempRepository[];
}

/** What went at one age, because a file system was short of room. */
export interface PressureStep extends Size {
  /** Mount point of the file system. */
  place: string;
  /** Short of free bytes or inodes; or a write was refused with room to be seen: a quota. */
  cause: 'bytes' | 'inodes' | FullCode;
  /** What was not used for so long went, in ms. */
  ageMs: number;
  /** Sessions and units that went. */
  removed: number;
  swept: number;
  /** What was free afterwards. */
  bytesFree: number;
  inodesFree: number;
  /** The target is reached: nothing younger had to go. */
  isEnough: boolean;
}

/** What a pass ended, session by session. */
export const endedBySession = (ended: ReapReport['ended']): [id: string, ended: ReapReport['ended']][] =>
  [...new Set(ended.map(({ id }) => id))].map((id) => [id, ended.filter((one) => one.id === id)]);

export interface Progress extends Size {
  removed: number;
}

/** The report of a pass as it grows. What is added shows as progress. */
export interface Tally {
  report: ReapReport;
  add(outcomes: readonly SessionEnd[]): void;
  addSwept(those: readonly SweptUnit[]): void;
  /** What was added since this was asked last and has to be told. */
  untold(): SessionEnd[];
}

export function tally(isDryRun: boolean, onProgress: (progress: Progress) => void): Tally {
  const lists = { removed: [], ended: [], swept: [], legacy: [], kept: [], failed: [], pressure: [] };
  const report: ReapReport = { version: 1, dryRun: isDryRun, ...lists, bytes: 0, entries: 0, ms: 0 };
  const untold: SessionEnd[] = [];
  const count = ({ bytes, entries }: Size) => {
    report.bytes += bytes;
    report.entries += entries;
    onProgress({ removed: report.removed.length, bytes: report.bytes, entries: report.entries });
  };
  return {
    report,
    add: (outcomes) => {
      for (const outcome of outcomes) {
        const { id } = outcome.session;
        const { ended = [], failed = [], isGone } = outcome.end;
        const removed = removedBy(outcome);
        if (!isGone || ended.length > 0) untold.push(outcome);
        report.ended.push(...ended.map((process) => ({ id, ...process })));
        report.failed.push(...failed);
        if (!removed) continue;
        report.removed.push(removed);
        count(removed);
      }
    },
    addSwept: (those) => {
      for (const one of those) {
        report.swept.push(one);
        count(one);
      }
    },
    untold: () => untold.splice(0),
  };
}

/** Undefined where it was not removed, or by somebody else. */
export function removedBy({ session: { id, root }, end, more = {} }: SessionEnd): Removed | undefined {
  const { state, isGone, repositories } = end;
  if (state !== 'removed' || isGone) return undefined;
  const { reason = '', bytes = 0, entries = 0 } = more;
  return { id, root, reason, bytes, entries, ...(repositories && { repositories }) };
}

/** One for the pass as a whole; none where it removed nothing. */
export function passReceipt(report: ReapReport, roots: readonly string[]): PassReceipt[] {
  const { removed, swept, pressure, failed, bytes, entries, ms } = report;
  if (removed.length + swept.length === 0) return [];
  return [
    {
      version: 1,
      kind: 'pass',
      at: isoTime(Date.now()),
      by: 'reaper',
      roots: [...roots],
      removed: removed.length,
      swept,
      pressure: pressure.map(({ place, cause, ageMs, bytes: freed, isEnough }) => {
        return { place, cause, ageMs, bytes: freed, isEnough };
      }),
      failed,
      bytes,
      entries,
      ms,
    },
  ];
}
