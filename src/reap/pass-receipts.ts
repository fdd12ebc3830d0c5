// What became of sessions that have no owner any more, and the receipts of that: one for each session that
// was removed or kept, and one for a pass that removed anything.
import { isoTime } from '../clock.js';
import type { Candidate } from '../judge/candidates.js';
import {
  type PassReceipt,
  type ReceiptBy,
  type SessionEnd,
  type SessionReceipt,
  sessionReceipt,
} from '../receipt/receipt.js';
import type { ReapReport } from './reap-report.js';

/** What became of one session. */
export interface Outcome {
  /** As far as it is known. */
  session: Pick<Candidate, 'id' | 'root' | 'dir'> & Partial<Pick<Candidate, 'found' | 'lastPressure'>>;
  end: SessionEnd['end'];
  more?: SessionEnd['more'];
}

/** The receipt of an end, now. */
export function receiptOf(by: ReceiptBy, { session, end, more }: Outcome): SessionReceipt {
  const { id, root, dir, found, lastPressure } = session;
  const whole = { ...end, ...(lastPressure && { lastPressure }) };
  const at = isoTime(Date.now());
  return sessionReceipt({ by, at, root, dir, id, lease: found?.lease, end: whole, more });
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
