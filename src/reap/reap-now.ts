// One pass of the reaper: finish what dead removers began, judge every session, remove the orphans, sweep
// what went stale in living ones and what agents left in the system's temp directory, make room where a file
// system is full. A server does not run this itself: `reap` asks its helper process.
import { agentProfiles, profileNamed } from '../backends/profiles.js';
import { monotonicMs } from '../clock.js';
import { quietly } from '../fs.js';
import { wallAge } from '../process/session-clock.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import type { Receipt } from '../receipt/receipt.js';
import { tmpDir } from '../root/layout.js';
import { clearDrafts } from '../root/make-root.js';
import { sweep } from '../sweep/sweep.js';
import { type Candidate, candidates } from './candidates.js';
import { type Eviction, evict } from './evict.js';
import { isSweepable } from './evictable.js';
import { finishSessions } from './finish-dead.js';
import { removeLeftLocks } from './left-locks.js';
import { sweepLegacy } from './legacy.js';
import { type Outcomes, passReceipt, sessionReceipts } from './pass-receipts.js';
import type { ReapInput } from './reap-input.js';
import { reapOrphans } from './reap-orphans.js';
import { type Progress, type ReapReport, type Tally, tally } from './reap-report.js';
import { closedSessions } from './session-dirs.js';

export async function reapNow(
  input: ReapInput,
  onProgress: (progress: Progress) => void = () => {},
  note: (receipts: Receipt[]) => Promise<void> = async () => {},
): Promise<ReapReport> {
  const startedAt = monotonicMs();
  const sum = tally(input.isDryRun, onProgress);
  const { report } = sum;
  const noteSessions = async (outcomes: Partial<Outcomes>, candidates: readonly Candidate[]) => {
    if (!input.isDryRun) await note(sessionReceipts({ ...NONE, ...outcomes }, candidates));
  };
  report.failed.push(...(input.unseen ?? []), ...closedSessions(input.roots).flatMap(({ failed }) => failed));
  if (!input.isDryRun) {
    for (const root of input.roots) quietly(() => clearDrafts(root));
    await removeLeftLocks(input.roots, input.maxAgeMs);
  }
  const finished = await finishSessions(input.roots, input);
  sum.addRemoved(finished.removed);
  report.failed.push(...finished.failed);
  // Not all at the end: a pass that is killed in the middle has its receipts.
  await noteSessions({ removed: finished.removed, failed: finished.failed }, finished.found);
  const found = await candidates({ ...input, endsKeepers: !input.isDryRun });
  const before = { removed: report.removed.length, failed: report.failed.length };
  await reapOrphans(found, input, sum);
  const removed = report.removed.slice(before.removed);
  const failed = report.failed.slice(before.failed);
  await noteSessions({ ...report, removed, failed }, found);
  if (input.limit === undefined) {
    let look: Promise<ProcessTable> | undefined;
    const lookOnce = () => (look ??= takeTable({ roots: input.roots }));
    for (const candidate of found.filter(isSweepable)) await sweepSession(candidate, input, lookOnce, sum);
    await reapLegacy(input, sum);
    await noteSessions(await relievePressure(found, input, sum), found);
  }
  report.ms = Math.round(monotonicMs() - startedAt);
  if (!input.isDryRun) await note(passReceipt(report, input.roots));
  return report;
}

const NONE: Outcomes = { removed: [], ended: [], kept: [], failed: [] };

/** Row 3: a session that lives for days. */
async function sweepSession(
  { dir, root, found, releaseOptions: { clock } }: Candidate,
  { maxAgeMs, isDryRun, isWanted }: ReapInput,
  look: () => Promise<ProcessTable>,
  { report, addSwept }: Tally,
): Promise<void> {
  const wallAgeMs = wallAge(clock, maxAgeMs);
  if (wallAgeMs === undefined) return; // nothing in it is that old
  if (found.kind !== 'good' || isWanted?.() === false) return;
  const { units: patterns } = profileNamed(found.lease.backend);
  const policy = { maxAgeMs: wallAgeMs, isDryRun, isWanted };
  const { swept, failed } = await sweep({ ...policy, dir: tmpDir(dir), base: root, patterns, look });
  addSwept(swept);
  report.failed.push(...failed);
}

async function reapLegacy(input: ReapInput, { report, addSwept }: Tally): Promise<void> {
  const { backends, isTaken } = input.legacy;
  const profiles = agentProfiles().filter(({ name }) => backends.includes(name));
  const { swept, failed } = await sweepLegacy(profiles, { ...input, isDryRun: input.isDryRun || !isTaken });
  report.failed.push(...failed);
  if (isTaken) addSwept(swept);
  else report.legacy.push(...swept);
}

async function relievePressure(
  found: readonly Candidate[],
  input: ReapInput,
  { report, addRemoved, addSwept }: Tally,
): Promise<Pick<Eviction, 'removed' | 'failed'>> {
  const { watermarks } = input;
  if (!watermarks) return NONE;
  const { steps, removed, swept, failed } = await evict({ found, input, watermarks, before: report });
  report.pressure.push(...steps);
  report.failed.push(...failed);
  addRemoved(removed);
  addSwept(swept);
  report.kept = report.kept.filter(({ id }) => !removed.some((one) => one.id === id));
  return { removed, failed };
}
