// One pass of the reaper: empty the trash of dead removers, judge every session, remove the orphans, sweep what went stale in
// living ones, and, when asked to, what agents left in the system's temp directory without us. The main thread of a
// server does not run this: `reap` puts it into a worker.
import { agentProfiles, profileNamed } from '../backends/profiles.js';
import { release } from '../end/release.js';
import { DEFAULT_GRACE_MS } from '../options.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import type { Failure } from '../remove/remove-tree.js';
import { tmpDir } from '../root/layout.js';
import { findUnits } from '../sweep/find-units.js';
import { type SweptUnit, sweepUnits } from '../sweep/sweep-units.js';
import { type Candidate, candidates } from './candidates.js';
import { isSweepable } from './cold.js';
import { emptyTrash } from './empty-trash.js';
import type { SessionState } from './judge.js';
import { sweepLegacy } from './legacy.js';
import { measure } from './measure.js';
import type { ReapInput } from './reap-input.js';
import { type PressureStep, relieve } from './relieve.js';
import { type Removed, removeOrphans } from './remove-orphans.js';

export interface ReapReport {
  version: 1;
  dryRun: boolean;
  /** Sessions removed (or that would be). */
  removed: Removed[];
  /** Units removed inside living sessions, and legacy ones. */
  swept: SweptUnit[];
  /** Stale legacy entries that nobody asked to take. */
  legacy: SweptUnit[];
  kept: { id: string; state: SessionState; reason: string }[];
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

export async function reapNow(
  input: ReapInput,
  onProgress: (progress: Progress) => void = () => {},
): Promise<ReapReport> {
  const startedAt = performance.now();
  const report: ReapReport = {
    version: 1,
    dryRun: input.isDryRun,
    removed: [],
    swept: [],
    legacy: [],
    kept: [],
    failed: [],
    pressure: [],
    bytes: 0,
    entries: 0,
    ms: 0,
  };
  const count = ({ bytes, entries }: { bytes: number; entries: number }) => {
    report.bytes += bytes;
    report.entries += entries;
    onProgress({ removed: report.removed.length, bytes: report.bytes, entries: report.entries });
  };
  if (!input.isDryRun) report.failed.push(...(await emptyTrash(input.roots)));
  const found = await candidates(input);
  await reapOrphans(found, input, report, count);
  if (input.limit === undefined) {
    let look: Promise<Snapshot> | undefined;
    const lookOnce = () => (look ??= takeSnapshot({ roots: input.roots }));
    for (const candidate of found.filter(isSweepable))
      await sweepSession(candidate, input, lookOnce, report, count);
    await reapLegacy(input, report, count);
    await relievePressure(found, input, report, count);
  }
  report.ms = Math.round(performance.now() - startedAt);
  return report;
}

type Count = (sum: { bytes: number; entries: number }) => void;

async function reapOrphans(
  found: readonly Candidate[],
  { isDryRun, orphans, limit = Infinity }: ReapInput,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const isOwnerless = ({ state, found: { kind } }: Candidate) => state === 'held' && kind === 'good';
  const ended = orphans === 'end' && !isDryRun ? found.filter(isOwnerless) : [];
  for (const candidate of ended) await endOrphan(candidate, report, count);
  const goers = found.filter(({ state }) => state === 'orphan').slice(0, limit);
  const keep = ({ id, state, reason }: Candidate) => report.kept.push({ id, state, reason });
  found.filter((candidate) => !goers.includes(candidate) && !ended.includes(candidate)).forEach(keep);
  if (isDryRun) {
    for (const { id, root, reason, dir } of goers) {
      const { bytes, entries } = await measure(dir);
      report.removed.push({ id, root, reason, bytes, entries });
      count({ bytes, entries });
    }
    return;
  }
  const { restored, failed } = await removeOrphans(goers, (removed) => {
    report.removed.push(removed);
    count(removed);
  });
  report.failed.push(...failed);
  report.kept.push(...restored.map(({ id }) => ({ id, state: 'held' as const, reason: 'in-use' })));
}

/** `--orphans end`: row 5 of the table, members first. */
async function endOrphan(
  { id, root, dir, releaseOptions }: Candidate,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const { survivors: _kept, ...lease } = releaseOptions.lease;
  const { bytes, entries } = await measure(dir);
  const { state, failed, left } = await release({ ...releaseOptions, lease, graceMs: DEFAULT_GRACE_MS });
  report.failed.push(...failed);
  if (state === 'removed') {
    report.removed.push({ id, root, reason: 'members-ended', bytes, entries });
    count({ bytes, entries });
  }
  if (left.length > 0) report.kept.push({ id, state: 'held', reason: 'in-use' });
}

/** Row 3: a session that lives for days. */
async function sweepSession(
  { dir, root, found }: Candidate,
  { maxAgeMs, isDryRun }: ReapInput,
  look: () => Promise<Snapshot>,
  report: ReapReport,
  count: Count,
): Promise<void> {
  if (found.kind !== 'good') return;
  const units = findUnits(tmpDir(dir), profileNamed(found.lease.backend).units);
  if (units.length === 0) return;
  const { swept, failed } = await sweepUnits({ units, root, snapshot: await look(), maxAgeMs, isDryRun });
  report.swept.push(...swept);
  report.failed.push(...failed);
  swept.forEach(count);
}

async function reapLegacy(input: ReapInput, report: ReapReport, count: Count): Promise<void> {
  const { backends, isTaken } = input.legacy;
  const profiles = agentProfiles().filter(({ name }) => backends.includes(name));
  const { swept, failed } = await sweepLegacy(profiles, { ...input, isDryRun: input.isDryRun || !isTaken });
  report.failed.push(...failed);
  (isTaken ? report.swept : report.legacy).push(...swept);
  if (isTaken) swept.forEach(count);
}

async function relievePressure(
  found: readonly Candidate[],
  input: ReapInput,
  report: ReapReport,
  count: Count,
): Promise<void> {
  if (!input.marks) return;
  const relief = await relieve({ found, input, marks: input.marks, before: report });
  const { steps, removed, swept, failed } = relief;
  report.pressure.push(...steps);
  report.removed.push(...removed);
  report.swept.push(...swept);
  report.failed.push(...failed);
  report.kept = report.kept.filter(({ id }) => !removed.some((one) => one.id === id));
  [...removed, ...swept].forEach(count);
}
