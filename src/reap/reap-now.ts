// One pass of the reaper: empty the trash of dead removers, judge every session, remove the orphans, sweep
// what went stale in living ones, and, when asked to, what agents left in the system's temp directory without
// us. A server does not run this itself: `reap` asks its helper process.
import { agentProfiles, profileNamed } from '../backends/profiles.js';
import { monotonicMs } from '../clock.js';
import { quietly } from '../fs.js';
import { WALL_CLOCK, wallAge } from '../process/session-clock.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';
import { clearDrafts } from '../root/make-root.js';
import { claimPlaces, findShapes } from '../sweep/find-units.js';
import { type SweepResult, sweepUnits } from '../sweep/take-units.js';
import { type Candidate, candidates } from './candidates.js';
import { isSweepable } from './cold.js';
import { finishSessions, finishUnits } from './finish-dead.js';
import { removeLeftLocks } from './left-locks.js';
import { sweepLegacy } from './legacy.js';
import { closedSessions } from './places.js';
import type { ReapInput } from './reap-input.js';
import { reapOrphans } from './reap-orphans.js';
import type { Count, Progress, ReapReport } from './reap-report.js';
import { relieve } from './relieve.js';

export type { Progress, ReapReport } from './reap-report.js';

export async function reapNow(
  input: ReapInput,
  onProgress: (progress: Progress) => void = () => {},
): Promise<ReapReport> {
  const startedAt = monotonicMs();
  const report: ReapReport = {
    version: 1,
    dryRun: input.isDryRun,
    removed: [],
    swept: [],
    legacy: [],
    kept: [],
    failed: [...(input.unseen ?? []), ...closedSessions(input.roots).flatMap(({ failed }) => failed)],
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
  if (!input.isDryRun) {
    for (const root of input.roots) quietly(() => clearDrafts(root));
    await removeLeftLocks(input.roots, input.maxAgeMs);
  }
  const finished = await finishSessions(input.roots, input);
  report.removed.push(...finished.removed);
  report.failed.push(...finished.failed);
  finished.removed.forEach(count);
  const found = await candidates({ ...input, endsHolders: !input.isDryRun });
  await reapOrphans(found, input, report, count);
  if (input.limit === undefined) {
    let look: Promise<Snapshot> | undefined;
    const lookOnce = () => (look ??= takeSnapshot({ roots: input.roots }));
    for (const candidate of found.filter(isSweepable))
      await sweepSession(candidate, input, lookOnce, report, count);
    await reapLegacy(input, report, count);
    await relievePressure(found, input, report, count);
  }
  report.ms = Math.round(monotonicMs() - startedAt);
  return report;
}

/** Row 3: a session that lives for days. */
async function sweepSession(
  { dir, root, found, releaseOptions: { clock = WALL_CLOCK } }: Candidate,
  { maxAgeMs, isDryRun }: ReapInput,
  look: () => Promise<Snapshot>,
  report: ReapReport,
  count: Count,
): Promise<void> {
  const wallAgeMs = wallAge(clock, maxAgeMs);
  if (found.kind !== 'good' || wallAgeMs === undefined) return; // nothing in it is that old
  const { units: patterns } = profileNamed(found.lease.backend);
  const policy = { maxAgeMs: wallAgeMs, isDryRun };
  const finished = await finishUnits(root, claimPlaces(tmpDir(dir), patterns), policy);
  const shapes = findShapes(tmpDir(dir), patterns);
  const { swept, failed } =
    shapes.size === 0 ? NOTHING : await sweepUnits({ shapes, base: root, snapshot: await look(), ...policy });
  report.swept.push(...finished.swept, ...swept);
  report.failed.push(...finished.failed, ...failed);
  [...finished.swept, ...swept].forEach(count);
}

const NOTHING: SweepResult = { swept: [], failed: [] };

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
