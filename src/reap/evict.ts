// Eviction: when a file system runs full, what nobody used for long goes, at ever shorter ages, the coldest
// first, until there is room again. What is in use or fresh stays, however full it is. eviction-steps.ts
// decides, each thing goes by the one road to removal.
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import type { Candidate } from '../judge/candidates.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir } from '../root/layout.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { isNothing } from '../space/watermarks.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { takeUnits } from '../sweep/take-units.js';
import {
  type EvictableSession,
  type EvictableThing,
  type EvictableUnit,
  findEvictable,
  isSweepable,
} from './evictable.js';
import { nextStep, type Step, without } from './eviction-steps.js';
import type { ReapInput } from './reap-options.js';
import type { PressureStep, Tally } from './reap-report.js';
import { type Gone, type Shortage, shortageAt, type Volume } from './shortage.js';
import { type Removed, takeSessions } from './take-sessions.js';

/** Makes room on every file system of the pass that is short of it. `found`: its sessions, judged. */
export async function evict(found: readonly Candidate[], input: ReapInput, sum: Tally): Promise<void> {
  const { report } = sum;
  const before = { removed: [...report.removed], swept: [...report.swept] };
  const sinceNow = sum.fromNow();
  for (const volume of volumesOf(input)) await evictOn(volume, { found, input, before }, sum);
  const gone = new Set(sinceNow().removed.map(({ id }) => id));
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

interface Pass {
  found: readonly Candidate[];
  input: ReapInput;
  /** What the pass took already, or would take. */
  before: Gone;
}

async function evictOn(volume: Volume, { found, input, before }: Pass, sum: Tally): Promise<void> {
  const { watermarks, isDryRun, maxAgeMs } = input;
  const shortage = watermarks && shortageAt(volume, { watermarks, isDryRun, before });
  if (!shortage) return;
  const steps: PressureStep[] = [];
  const addStep = (ageMs: number, gone: Gone) => {
    const earlier = steps.at(-1)?.ageMs === ageMs ? steps.pop() : undefined; // several takings are one step
    const step = stepOf(ageMs, gone, shortage.now(), earlier);
    steps.push({ place: volume.name, cause: shortage.cause, ...step });
  };
  // In a dry run what would be gone by now is still there.
  let evictable = without(await findEvictable({ ...volume, found, input }), before.swept);
  for (;;) {
    const { missing } = shortage.now();
    const step = nextStep({ evictable, missing, maxAgeMs, now: Date.now() });
    if (!step || input.isWanted?.() === false) break;
    const taken = await takeStep(step, input);
    evictable = without(evictable, step.take); // also what could not be taken: it is not tried again
    shortage.freed(taken);
    addStep(step.ageMs, taken);
    sum.addRemoved(taken.removed);
    sum.addSwept(taken.swept);
    sum.report.failed.push(...taken.failed);
  }
  if (!isNothing(shortage.now().missing)) sum.report.failed.push(...stuckIn(volume, found));
  if (steps.length === 0) addStep(MIN_MAX_AGE_MS, { removed: [], swept: [] });
  sum.report.pressure.push(...steps);
}

/** Takes the things of one step, or in a dry run says what would go. */
export async function takeStep(
  { take, ageMs }: Step<EvictableThing>,
  input: ReapInput,
): Promise<Gone & { failed: Failure[] }> {
  const sessions = take.filter((thing): thing is EvictableSession => 'session' in thing);
  const units = take.filter((thing): thing is EvictableUnit => 'base' in thing);
  if (input.isDryRun) return { removed: sessions.map(asRemoved), swept: units.map(asSwept), failed: [] };
  const orphans = sessions.map(({ session }) => session);
  const { removed, failed } = await takeSessions(orphans, { ...input, maxAgeMs: ageMs });
  const swept: SweptUnit[] = [];
  for (const base of new Set(units.map((unit) => unit.base))) {
    const here = units.filter((unit) => unit.base === base).map(asSwept);
    const result = await takeUnits(here, { base, maxAgeMs: ageMs, isWanted: input.isWanted });
    swept.push(...result.swept);
    failed.push(...result.failed);
  }
  return { removed, swept, failed };
}

const asRemoved = ({ session: { id, root, reason }, bytes, entries }: EvictableSession): Removed => ({
  ...{ id, root, reason, bytes, entries },
});

const asSwept = ({ path, bytes, entries }: EvictableUnit): SweptUnit => ({
  ...{ path, reason: 'pressure', bytes, entries },
});

function stepOf(
  ageMs: number,
  { removed, swept }: Gone,
  { headroom, missing }: ReturnType<Shortage['now']>,
  earlier: Pick<PressureStep, 'removed' | 'swept' | 'bytes' | 'entries'> = NOTHING,
): Omit<PressureStep, 'place' | 'cause'> {
  const all = [...removed, ...swept];
  return {
    ageMs,
    removed: earlier.removed + removed.length,
    swept: earlier.swept + swept.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, earlier.bytes),
    entries: all.reduce((sum, { entries }) => sum + entries, earlier.entries),
    bytesFree: headroom.bytesFree,
    inodesFree: headroom.inodesFree,
    isEnough: isNothing(missing),
  };
}

const NOTHING = { removed: 0, swept: 0, bytes: 0, entries: 0 };

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
