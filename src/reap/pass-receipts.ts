// The receipts of whoever ends sessions that have no owner any more: one for each session that was removed or
// kept, and one for a pass that removed anything.
import { isoTime } from '../clock.js';
import { attempt, fs } from '../fs.js';
import type { Candidate } from '../judge/candidates.js';
import {
  type PassReceipt,
  type ReceiptBy,
  type SessionEnd,
  type SessionReceipt,
  sessionReceipt,
} from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import { sessionDir } from '../root/layout.js';
import type { ReapReport } from './reap-report.js';

type Known = Pick<Candidate, 'id' | 'root' | 'dir'> & Partial<Candidate>;

/** Of the end of one that was judged, now. */
export function receiptOf(
  by: ReceiptBy,
  { id, root, dir, found, lastPressure }: Known,
  its: SessionEnd['end'],
  more?: SessionEnd['more'],
): SessionReceipt {
  const end = { ...its, ...(lastPressure && { lastPressure }) };
  return sessionReceipt({ by, at: isoTime(Date.now()), root, dir, id, lease: found?.lease, end, more });
}

export type Outcomes = Partial<Pick<ReapReport, 'removed' | 'ended' | 'kept' | 'failed'>>;

/** Of the sessions in the report. `found`: what was known of them. */
export function sessionReceipts(
  by: ReceiptBy,
  { removed = [], ended = [], kept = [], failed = [] }: Outcomes,
  found: readonly Candidate[],
): SessionReceipt[] {
  const gone = new Map(removed.map((one) => [one.id, one]));
  const unknown = removed.map(({ id, root }): Known => ({ id, root, dir: sessionDir(root, id) }));
  const known = new Map([...unknown, ...found].map((one) => [one.id, one]));
  const stayed = new Map(kept.filter(isOfDeadOwner).map((one) => [one.id, one]));
  const faults = new Map(found.flatMap(({ id }) => (gone.has(id) ? [] : faultsOf(id, failed))));
  const ids = new Set([...gone.keys(), ...ended.map(({ id }) => id), ...stayed.keys(), ...faults.keys()]);
  return [...ids].flatMap((id) => {
    const session = known.get(id);
    if (!session) return [];
    const went = gone.get(id);
    const there = stayed.get(id);
    const members = ended.filter((one) => one.id === id).map(({ id: _of, ...process }) => process);
    const left = (session.remaining ?? []).filter(({ pid }) => !members.some((one) => one.pid === pid));
    const outcome = went
      ? { state: 'removed' as const }
      : there
        ? { state: there.state as 'held' | 'kept', left, work: there.work ?? [] }
        : isThere(session.dir) || faults.has(id)
          ? { state: 'failed' as const, left }
          : { state: 'removed' as const, isGone: true as const }; // by its watchdog, once they were ended
    const end = { ...outcome, ended: members, failed: faults.get(id) ?? [] };
    const { reason, bytes, entries, repositories } = { ...there, ...went };
    return receiptOf(by, session, end, { reason, bytes, entries, repositories });
  });
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

const isThere = (dir: string): boolean => attempt(() => fs.lstatSync(dir)) !== undefined;

const isOfDeadOwner = ({ state }: ReapReport['kept'][number]): boolean =>
  state === 'held' || state === 'kept';

/** Its path names its place, or one in the trash that begins with its id. */
function faultsOf(id: string, failed: readonly Failure[]): [string, Failure[]][] {
  const own = failed.filter(({ path }) => path.split('/').some((part) => part.split('.')[0] === id));
  return own.length > 0 ? [[id, own]] : [];
}
