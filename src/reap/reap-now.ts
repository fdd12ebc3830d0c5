// One pass of the reaper. A server does not run this itself: `reap` asks its helper process. In order:
//   finish-dead     what dead removers had begun: finished, or given back
//   candidates      every session, judged: session-dirs → owners → facts → judge
//   reap-orphans    take-sessions: orphans go; release-candidate: first members are ended (`--orphans end`)
//   src/sweep       what went stale in living sessions, and what agents left in the system's temp directory
//   evict           where room is short: shortage → evictable → eviction-steps, the coldest first
//   reap-report     after each stage its receipts: a pass that is killed in the middle has them
import { profileNamed } from '../backends/profiles.js';
import { monotonicMs } from '../clock.js';
import { quietly } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import { closedSessions } from '../judge/session-dirs.js';
import { wallAge } from '../process/session-clock.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { type Receipt, sessionReceipt } from '../receipt/receipt.js';
import { tmpDir } from '../root/layout.js';
import { clearDrafts } from '../root/make-root.js';
import { sweep, sweepLegacy } from '../sweep/sweep.js';
import { evict } from './evict.js';
import { isSweepable, legacyPatterns } from './evictable.js';
import { finishSessions, strangeTrash } from './finish-dead.js';
import { removeLeftLocks } from './left-locks.js';
import type { ReapInput } from './reap-options.js';
import { reapOrphans } from './reap-orphans.js';
import { type Progress, passReceipt, type ReapReport, type Tally, tally } from './reap-report.js';

export async function reapNow(
  input: ReapInput,
  onProgress: (progress: Progress) => void = () => {},
  note: (receipts: Receipt[]) => Promise<void> = async () => {},
): Promise<ReapReport> {
  const startedAt = monotonicMs();
  const { roots, isDryRun } = input;
  const sum = tally(isDryRun, onProgress);
  const { report } = sum;
  const noteOutcomes = async () => {
    if (!isDryRun) await note(sum.untold().map((one) => sessionReceipt('reaper', one)));
  };
  report.failed.push(...(input.unseen ?? []), ...closedSessions(roots).flatMap(({ failed }) => failed));
  if (!isDryRun) {
    for (const root of roots) quietly(() => clearDrafts(root));
    report.failed.push(...roots.flatMap(strangeTrash));
    await removeLeftLocks(roots, input.maxAgeMs);
  }
  sum.add(await finishSessions(roots, input));
  await noteOutcomes();
  const found = await candidates({ ...input, endsKeepers: !isDryRun });
  await reapOrphans(found, input, sum);
  await noteOutcomes();
  if (input.limit === undefined) {
    await sweepSessions(found, input, sum);
    await reapLegacy(input, sum);
    await evict(found, input, sum);
    await noteOutcomes();
  }
  report.ms = Math.round(monotonicMs() - startedAt);
  if (!isDryRun) await note(passReceipt(report, roots));
  return report;
}

/** Row 3: sessions that live for days. */
async function sweepSessions(
  found: readonly Candidate[],
  { roots, maxAgeMs, isDryRun, isWanted }: ReapInput,
  { report, addSwept }: Tally,
): Promise<void> {
  let table: Promise<ProcessTable> | undefined;
  const look = () => (table ??= takeTable({ roots }));
  for (const { dir, root, releaseOptions } of found.filter(isSweepable)) {
    const { lease, clock } = releaseOptions;
    const wallAgeMs = wallAge(clock, maxAgeMs);
    if (wallAgeMs === undefined) continue; // nothing in it is that old
    if (isWanted?.() === false) return;
    const { units: patterns } = profileNamed(lease.backend);
    const policy = { maxAgeMs: wallAgeMs, isDryRun, isWanted };
    const { swept, failed } = await sweep({ ...policy, dir: tmpDir(dir), base: root, patterns, look });
    addSwept(swept);
    report.failed.push(...failed);
  }
}

async function reapLegacy(input: ReapInput, { report, addSwept }: Tally): Promise<void> {
  const { isTaken } = input.legacy;
  const isDryRun = input.isDryRun || !isTaken;
  const { swept, failed } = await sweepLegacy(legacyPatterns(input), { ...input, isDryRun });
  report.failed.push(...failed);
  if (isTaken) addSwept(swept);
  else report.legacy.push(...swept);
}
