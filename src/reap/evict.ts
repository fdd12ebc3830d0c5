// Eviction: when a file system runs full, what nobody used for long goes, at ever shorter ages, the coldest
// first, until there is room again. What is in use or fresh stays, however full it is. eviction-steps.ts
// decides, each thing goes by the one road to removal.
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import type { Candidate } from '../judge/candidates.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { SessionEnd } from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { isNothing } from '../space/watermarks.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { takeUnits } from '../sweep/take-units.js';
import { type EvictableThing, findEvictable, isSweepable, type Volume } from './evictable.js';
import { evictionSteps, type Step } from './eviction-steps.js';
import type { ReapInput } from './reap-options.js';
import { type PressureStep, type ReapReport, removedBy, type Tally } from './reap-report.js';
import { type Shortage, shortageAt } from './shortage.js';
import { takeSessions } from './take-sessions.js';

/** Makes room on every file system of the pass that is short of it. `found`: its sessions, judged. */
export async function evict(found: readonly Candidate[], input: ReapInput, sum: Tally): Promise<void> {
  const { report } = sum;
  for (const volume of volumesOf(input)) await evictOn(volume, found, input, sum);
  const gone = new Set(report.removed.map(({ id }) => id));
  report.kept = report.kept.filter(({ id }) => !gone.has(id));
}

/** The file systems that roots, and temp directories we may clear, are on. */
function volumesOf({ roots, legacy, legacyDirs }: ReapInput): Volume[] {
  const mounts = readMounts();
  const volumes = new Map<number, Volume>();
  const add = (dir: string, kind: 'roots' | 'legacyDirs') => {
    const device = attempt(() => fs.statSync(dir).dev);
    if (device === undefined) return;
    const name = mountOf(dir, mounts)?.point ?? dir;
    const volume = volumes.get(device) ?? { name, dir, roots: [], legacyDirs: [] };
    volumes.set(device, { ...volume, [kind]: [...volume[kind], dir] });
  };
  for (const root of roots) add(root, 'roots');
  if (legacy.isTaken) for (const dir of legacyDirs) add(dir, 'legacyDirs');
  return [...volumes.values()];
}

async function evictOn(
  volume: Volume,
  found: readonly Candidate[],
  input: ReapInput,
  sum: Tally,
): Promise<void> {
  const { watermarks, isDryRun, maxAgeMs } = input;
  const { report } = sum;
  const shortage =
    watermarks && shortageAt(volume.dir, watermarks, isDryRun ? onVolume(report, volume) : undefined);
  if (!shortage) return;
  const steps: PressureStep[] = [];
  const missing = () => shortage.now().missing;
  const evictable = await findEvictable(volume, found, input);
  // In a dry run what would be gone by now is still there.
  const gone = isDryRun ? report.swept : [];
  for (const step of evictionSteps(evictable, { maxAgeMs, missing, gone })) {
    if (input.isWanted?.() === false) break;
    const { outcomes, swept, failed } = await takeStep(step, input);
    const removed = outcomes.flatMap((one) => removedBy(one) ?? []);
    shortage.freed([...removed, ...swept]);
    addStep(steps, { ageMs: step.ageMs, removed, swept }, volume, shortage);
    sum.add(outcomes);
    sum.addSwept(swept);
    report.failed.push(...failed);
  }
  if (!isNothing(missing())) report.failed.push(...stuckIn(volume, found));
  if (steps.length === 0) addStep(steps, { ageMs: MIN_MAX_AGE_MS, removed: [], swept: [] }, volume, shortage);
  report.pressure.push(...steps);
}

const onVolume = ({ removed, swept }: ReapReport, { roots, legacyDirs }: Volume) => [
  ...removed.filter(({ root }) => roots.includes(root)),
  ...swept.filter(({ path }) => [...roots, ...legacyDirs].some((dir) => isWithin(dir, path))),
];

/** Takes the things of one step, or in a dry run says what would go. */
export async function takeStep(
  { take, ageMs }: Step<EvictableThing>,
  input: ReapInput,
): Promise<{ outcomes: SessionEnd[]; swept: SweptUnit[]; failed: Failure[] }> {
  const sessions = take.flatMap(({ session, ...size }) => (session ? { session, ...size } : []));
  const units = take.filter(({ session }) => !session);
  if (input.isDryRun) return { outcomes: sessions.map(asRemoved), swept: units.map(asSwept), failed: [] };
  const orphans = sessions.map(({ session }) => session);
  const taken = await takeSessions(orphans, { ...input, maxAgeMs: ageMs });
  const outcomes = taken.flatMap(({ outcome }) => outcome ?? []);
  const swept: SweptUnit[] = [];
  const failed: Failure[] = [];
  for (const base of new Set(units.map((unit) => unit.base))) {
    const here = units.filter((unit) => unit.base === base).map(asSwept);
    const result = await takeUnits(here, { base, maxAgeMs: ageMs, isWanted: input.isWanted });
    swept.push(...result.swept);
    failed.push(...result.failed);
  }
  return { outcomes, swept, failed };
}

const asRemoved = ({ session, bytes, entries }: EvictableThing & { session: Candidate }): SessionEnd => ({
  session,
  end: { state: 'removed' },
  more: { reason: session.reason, bytes, entries },
});

const asSwept = ({ path, bytes, entries }: EvictableThing): SweptUnit => ({
  ...{ path, reason: 'pressure', bytes, entries },
});

/** Several takings at one age are one step. */
function addStep(
  steps: PressureStep[],
  { ageMs, removed, swept }: Pick<PressureStep, 'ageMs'> & Pick<ReapReport, 'removed' | 'swept'>,
  { name: place }: Volume,
  { cause, now }: Shortage,
): void {
  const nothing = { place, cause, ageMs, removed: 0, swept: 0, bytes: 0, entries: 0 };
  const before = steps.at(-1)?.ageMs === ageMs ? (steps.pop() as PressureStep) : nothing;
  const all = [...removed, ...swept];
  const { headroom, missing } = now();
  steps.push({
    ...nothing,
    removed: before.removed + removed.length,
    swept: before.swept + swept.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, before.bytes),
    entries: all.reduce((sum, { entries }) => sum + entries, before.entries),
    bytesFree: headroom.bytesFree,
    inodesFree: headroom.inodesFree,
    isEnough: isNothing(missing),
  });
}

/**
 * What no step can take: a unit is named by text, so an entry whose name is no UTF-8 stays until its session
 * ends.
 */
const stuckIn = ({ roots }: Volume, found: readonly Candidate[]): Failure[] =>
  found
    .filter((one) => roots.includes(one.root) && isSweepable(one))
    .flatMap(({ dir }) => oddNames(tmpDir(dir)));

const oddNames = (dir: string): Failure[] =>
  (attempt(() => fs.readdirSync(dir, { encoding: 'buffer' })) ?? [])
    .filter((name) => !isUtf8(name))
    .map((name) => ({
      path: join(dir, name.toString()), // a byte that is no UTF-8 is shown as U+FFFD
      reason: 'its name is not UTF-8, so it stays until its session ends',
      hint: '',
    }));
