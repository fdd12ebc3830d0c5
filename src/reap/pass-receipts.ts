// The receipts of a pass: one for each session that it removed, or kept although its owner is dead, and one
// for the pass if it removed anything. Pure.
import { isoTime } from '../clock.js';
import { type PassReceipt, type SessionReceipt, sessionReceipt } from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import { sessionDir } from '../root/layout.js';
import type { Candidate } from './candidates.js';
import type { ReapReport } from './reap-report.js';

export type Outcomes = Pick<ReapReport, 'removed' | 'ended' | 'kept' | 'failed'>;

/** Of the sessions in the report. `found`: what was known of them. */
export function sessionReceipts(
  { removed, ended, kept, failed }: Outcomes,
  found: readonly Candidate[],
): SessionReceipt[] {
  const known = new Map(found.map((candidate) => [candidate.id, candidate]));
  const gone = new Map(removed.map((one) => [one.id, one]));
  const stayed = new Map(kept.filter(isOfDeadOwner).map((one) => [one.id, one]));
  const faults = new Map(found.flatMap(({ id }) => (gone.has(id) ? [] : faultsOf(id, failed))));
  const ids = new Set([...gone.keys(), ...ended.map(({ id }) => id), ...stayed.keys(), ...faults.keys()]);
  return [...ids].flatMap((id) => {
    const candidate = known.get(id);
    const went = gone.get(id);
    const root = went?.root ?? candidate?.root;
    if (root === undefined) return [];
    const there = stayed.get(id);
    const members = ended.filter((one) => one.id === id).map(({ id: _of, ...process }) => process);
    const left = (candidate?.remaining ?? []).filter(({ pid }) => !members.some((one) => one.pid === pid));
    const outcome = went
      ? { state: 'removed' as const }
      : there
        ? { state: there.state as 'held' | 'kept', left, work: there.work ?? [] }
        : { state: 'failed' as const, left };
    return sessionReceipt({
      by: 'reaper',
      at: isoTime(Date.now()),
      root,
      dir: candidate?.dir ?? sessionDir(root, id),
      id,
      lease: candidate?.found.kind === 'good' ? candidate.found.lease : undefined,
      end: { ...outcome, ended: members, failed: faults.get(id) ?? [], ...pressed(candidate) },
      more: went
        ? {
            reason: went.reason,
            bytes: went.bytes,
            entries: went.entries,
            repositories: went.repositories,
          }
        : there
          ? { reason: there.reason }
          : {},
    });
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

const isOfDeadOwner = ({ state }: ReapReport['kept'][number]): boolean =>
  state === 'held' || state === 'kept';

export const pressed = (candidate: Pick<Candidate, 'lastPressure'> | undefined) =>
  candidate?.lastPressure ? { lastPressure: candidate.lastPressure } : {};

/** Its path names its place, or one in the trash that begins with its id. */
function faultsOf(id: string, failed: readonly Failure[]): [string, Failure[]][] {
  const own = failed.filter(({ path }) => path.split('/').some((part) => part.split('.')[0] === id));
  return own.length > 0 ? [[id, own]] : [];
}
