// When a file system runs full: what nobody used for long goes, at ever shorter ages, coldest first, until
// there is room again. What is held or fresh stays, however full it is. The decisions are in
// pressure-steps.ts.
import { attempt, fs } from '../fs.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir } from '../root/layout.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { isNothing, type Marks } from '../space/marks.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { oddNames } from '../sweep/odd-names.js';
import type { Candidate } from './candidates.js';
import { findCold, isSweepable } from './cold.js';
import { nextStep, without } from './pressure-steps.js';
import type { ReapInput } from './reap-input.js';
import { type Gone, type Place, type Shortage, shortageAt } from './shortage.js';
import { type Taken, takeCold } from './take-cold.js';
import type { Removed } from './take-sessions.js';

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

export interface ReliefQuestion {
  /** All sessions of the pass, judged. */
  found: readonly Candidate[];
  input: ReapInput;
  marks: Marks;
  /** What the pass took already, or would take. */
  before: Gone;
}

export interface Relief {
  steps: PressureStep[];
  removed: Removed[];
  swept: SweptUnit[];
  failed: Failure[];
}

/** Makes room on every file system of the pass that is short of it. */
export async function relieve(question: ReliefQuestion): Promise<Relief> {
  const relief: Relief = { steps: [], removed: [], swept: [], failed: [] };
  for (const place of placesOf(question.input)) await relievePlace(place, question, relief);
  return relief;
}

/** The file systems that roots, and temp directories we may clear, are on. */
function placesOf({ roots, legacy, legacyDirs }: ReapInput): Place[] {
  const mounts = readMounts();
  const places = new Map<number, Place>();
  const add = (dir: string, kind: 'roots' | 'legacyDirs') => {
    const device = attempt(() => fs.statSync(dir).dev);
    if (device === undefined) return;
    const name = mountOf(dir, mounts)?.point ?? dir;
    const place = places.get(device) ?? { name, dir, roots: [], legacyDirs: [] };
    places.set(device, { ...place, [kind]: [...place[kind], dir] });
  };
  for (const root of roots) add(root, 'roots');
  if (legacy.isTaken) for (const dir of legacyDirs) add(dir, 'legacyDirs');
  return [...places.values()];
}

async function relievePlace(place: Place, question: ReliefQuestion, relief: Relief): Promise<void> {
  const { found, input, marks, before } = question;
  const { isDryRun, maxAgeMs } = input;
  const shortage = shortageAt(place, { marks, isDryRun, before });
  if (!shortage) return;
  const steps: PressureStep[] = [];
  // In a dry run what would be gone by now is still there.
  let cold = without(await findCold({ ...place, found, input }), before.swept);
  for (;;) {
    const { missing } = shortage.now();
    const step = nextStep({ cold, missing, maxAgeMs, now: Date.now() });
    if (!step) break;
    const taken = await takeCold(step, input);
    cold = without(cold, step.take); // also what could not be taken: it is not tried again
    shortage.freed(taken);
    addStep(steps, { place, shortage, ageMs: step.ageMs, taken });
    relief.removed.push(...taken.removed);
    relief.swept.push(...taken.swept);
    relief.failed.push(...taken.failed);
  }
  if (!isNothing(shortage.now().missing)) relief.failed.push(...stuckIn(place, found));
  if (steps.length === 0) addStep(steps, { place, shortage, ageMs: MIN_MAX_AGE_MS, taken: NOTHING });
  relief.steps.push(...steps);
}

/** What no step takes. */
const stuckIn = ({ roots }: Place, found: readonly Candidate[]): Failure[] =>
  found
    .filter((one) => roots.includes(one.root) && isSweepable(one))
    .flatMap(({ dir }) => oddNames(tmpDir(dir)));

interface StepFacts {
  place: Place;
  shortage: Shortage;
  ageMs: number;
  taken: Taken;
}

/** Several takings at one age are one step. */
function addStep(steps: PressureStep[], { place, shortage, ageMs, taken }: StepFacts): void {
  const { headroom, missing } = shortage.now();
  const earlier = steps.at(-1)?.ageMs === ageMs ? steps.pop() : undefined;
  const all = [...taken.removed, ...taken.swept];
  steps.push({
    place: place.name,
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
