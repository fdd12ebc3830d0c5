// Eviction: when a file system runs full, what nobody used for long goes, at ever shorter ages, the coldest
// first, until there is room again. What is in use or fresh stays, however full it is. eviction-steps.ts
// decides, each thing goes by the one road to removal.
import { attempt, fs } from '../fs.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir } from '../root/layout.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { isNothing, type Watermarks } from '../space/watermarks.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { oddNames } from '../sweep/odd-names.js';
import { takeUnits } from '../sweep/take-units.js';
import type { Candidate } from './candidates.js';
import {
  type EvictableSession,
  type EvictableThing,
  type EvictableUnit,
  findEvictable,
  isSweepable,
} from './evictable.js';
import { nextStep, type Step, without } from './eviction-steps.js';
import type { ReapInput } from './reap-input.js';
import { type Gone, type Shortage, shortageAt, type Volume } from './shortage.js';
import { type Removed, takeSessions } from './take-sessions.js';

/** What went at one age, because a file system was short of room. */
export interface PressureStep {
  /** Mount point of the file system. */
  place: string;
  /** Short of free bytes or inodes; or a write was refused with room to be seen: a quota. */
  cause: Shortage['cause'];
  /** What was not used for so long went, in ms. */
  ageMs: number;
  /** Sessions and units that went. */
  removed: number;
  swept: number;
  bytes: number;
  entries: number;
  /** What was free afterwards. */
  bytesFree: number;
  inodesFree: number;
  /** The target is reached: nothing younger had to go. */
  isEnough: boolean;
}

export interface Pressure {
  /** All sessions of the pass, judged. */
  found: readonly Candidate[];
  input: ReapInput;
  watermarks: Watermarks;
  /** What the pass took already, or would take. */
  before: Gone;
}

interface Taken extends Gone {
  failed: Failure[];
}

export interface Eviction extends Taken {
  steps: PressureStep[];
}

/** Makes room on every file system of the pass that is short of it. */
export async function evict(pressure: Pressure): Promise<Eviction> {
  const eviction: Eviction = { steps: [], removed: [], swept: [], failed: [] };
  for (const volume of volumesOf(pressure.input)) await evictOn(volume, pressure, eviction);
  return eviction;
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

async function evictOn(volume: Volume, pressure: Pressure, eviction: Eviction): Promise<void> {
  const { found, input, watermarks, before } = pressure;
  const { isDryRun, maxAgeMs } = input;
  const shortage = shortageAt(volume, { watermarks, isDryRun, before });
  if (!shortage) return;
  const steps: PressureStep[] = [];
  // In a dry run what would be gone by now is still there.
  let evictable = without(await findEvictable({ ...volume, found, input }), before.swept);
  for (;;) {
    const { missing } = shortage.now();
    const step = nextStep({ evictable, missing, maxAgeMs, now: Date.now() });
    if (!step || input.isWanted?.() === false) break;
    const taken = await takeStep(step, input);
    evictable = without(evictable, step.take); // also what could not be taken: it is not tried again
    shortage.freed(taken);
    addStep(steps, { volume, shortage, ageMs: step.ageMs, taken });
    eviction.removed.push(...taken.removed);
    eviction.swept.push(...taken.swept);
    eviction.failed.push(...taken.failed);
  }
  if (!isNothing(shortage.now().missing)) eviction.failed.push(...stuckIn(volume, found));
  if (steps.length === 0) addStep(steps, { volume, shortage, ageMs: MIN_MAX_AGE_MS, taken: NOTHING });
  eviction.steps.push(...steps);
}

/** Takes the things of one step, or in a dry run says what would go. */
export async function takeStep({ take, ageMs }: Step<EvictableThing>, input: ReapInput): Promise<Taken> {
  const sessions = take.filter((thing): thing is EvictableSession => 'session' in thing);
  const units = take.filter((thing): thing is EvictableUnit => 'base' in thing);
  if (input.isDryRun) return { removed: sessions.map(asRemoved), swept: units.map(asSwept), failed: [] };
  const taken: Taken = { removed: [], swept: [], failed: [] };
  const orphans = sessions.map(({ session }) => session);
  const { removed, failed } = await takeSessions(orphans, { ...input, maxAgeMs: ageMs });
  taken.removed.push(...removed);
  taken.failed.push(...failed);
  for (const base of new Set(units.map((unit) => unit.base))) {
    const here = units.filter((unit) => unit.base === base);
    const result = await takeUnits(here.map(asSwept), { base, maxAgeMs: ageMs, isWanted: input.isWanted });
    taken.swept.push(...result.swept);
    taken.failed.push(...result.failed);
  }
  return taken;
}

const asRemoved = ({ session, bytes, entries }: EvictableSession): Removed => ({
  id: session.id,
  root: session.root,
  reason: session.reason,
  bytes,
  entries,
});

const asSwept = ({ path, bytes, entries }: EvictableUnit): SweptUnit => ({
  path,
  reason: 'pressure',
  bytes,
  entries,
});

/** What no step can take. */
const stuckIn = ({ roots }: Volume, found: readonly Candidate[]): Failure[] =>
  found
    .filter((one) => roots.includes(one.root) && isSweepable(one))
    .flatMap(({ dir }) => oddNames(tmpDir(dir)));

interface StepFacts {
  volume: Volume;
  shortage: Shortage;
  ageMs: number;
  taken: Taken;
}

/** Several takings at one age are one step. */
function addStep(steps: PressureStep[], { volume, shortage, ageMs, taken }: StepFacts): void {
  const { headroom, missing } = shortage.now();
  const earlier = steps.at(-1)?.ageMs === ageMs ? steps.pop() : undefined;
  const all = [...taken.removed, ...taken.swept];
  steps.push({
    place: volume.name,
    cause: shortage.cause,
    ageMs,
    removed: (earlier?.removed ?? 0) + taken.removed.length,
    swept: (earlier?.swept ?? 0) + taken.swept.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, earlier?.bytes ?? 0),
    entries: all.reduce((sum, { entries }) => sum + entries, earlier?.entries ?? 0),
    bytesFree: headroom.bytesFree,
    inodesFree: headroom.inodesFree,
    isEnough: isNothing(missing),
  });
}

const NOTHING: Taken = { removed: [], swept: [], failed: [] };
