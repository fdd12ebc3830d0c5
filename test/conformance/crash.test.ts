// SIGKILL before each call that changes something on the way from the opening of a session to its end, then one reap by a fresh
// process: a living agent keeps its files, nothing of ours is left, nothing of others has changed.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inParallel, inScene, row, size, sized } from '../helpers/conformance.js';
import { HOUR, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';
import {
  leftOvers,
  letGo,
  neighbours,
  onDisk,
  ourIds,
  verdict,
  WAYS,
  type Walk,
  type Way,
  walk,
} from './walk.js';

interface Crash {
  /** The call it died before. */
  step: string;
  onDisk: string;
  complaints: string[];
}

for (const way of sized({ fast: WAYS.slice(0, 1), full: WAYS })) {
  test(`SIGKILL at every step: ${way.name}`, async () => {
    const { steps, whileAlive } = await dryRun(way);
    const count = steps.length;
    assert.ok(
      count > 40 && whileAlive > 20 && whileAlive < count,
      `${count} steps, ${whileAlive} while it lives`,
    );
    const points = steps.map((_, index) => index + 1).filter((at) => size !== 'fast' || isFirst(steps, at));
    const crashes = await inParallel(points, (at) =>
      inScene((here) => crash(here, way, at, at > whileAlive)),
    );
    crashes.forEach(({ step, onDisk: state, complaints }, index) => {
      const after = complaints.length > 0 ? 'WRONG' : 'nothing of ours, all of others';
      row(`crash: ${way.name}`, [points[index] ?? 0, `\`${step}\``, state, after]);
    });
    row('crash', [way.name, points.length, crashes.filter(({ complaints }) => complaints.length > 0).length]);
    assert.deepEqual(
      crashes.flatMap(({ step, complaints }, index) => complaints.map((it) => `${index + 1} ${step}: ${it}`)),
      [],
    );
  });
}

/** In `npm test` the files of a probe, and their blocks, stand for one another. */
const isFirst = (steps: readonly string[], at: number): boolean => {
  const plain = steps.map((step) => step.replace(/(probe\S*)\.\d$/, '$1'));
  return plain.indexOf(plain[at - 1] ?? '') === at - 1 || plain[at - 1] !== plain[at - 2];
};

/** The steps, and how many of them come while the agent lives. */
const dryRun = (way: Way): Promise<{ steps: string[]; whileAlive: number }> =>
  inScene(async (here) => {
    neighbours(here);
    const { code, steps } = await walk(here, way, {}, true);
    assert.equal(code, 7);
    const spawned = steps.findIndex((step) => step.startsWith('spawn sh'));
    const named = steps.findIndex((step, index) => index > spawned && step.startsWith('rename'));
    return { steps, whileAlive: named + 1 };
  });

async function crash(here: Scene, way: Way, at: number, isToGo: boolean): Promise<Crash> {
  const before = neighbours(here);
  const untouched = before();
  const walked = await walk(here, way, { at }, isToGo);
  const state = onDisk(here);
  const complaints: string[] = [];
  const claim = (isSo: boolean, text: string) => isSo || complaints.push(text);
  // Who has ended already is not told to go on: a step less.
  claim(
    walked.signal === 'SIGKILL' || walked.steps.length < at,
    `it was not killed: ${walked.code} ${walked.stderr}`,
  );
  if (walked.steps.slice(0, -1).some((step) => step.startsWith('spawn sh')))
    await agentLives(here, way, isToGo, claim);
  if (way.flags.length > 0) await reapIt(here, way, walked, claim);
  else await watchdogDoesIt(here, claim);
  claim(leftOvers(here).length === 0, `left: ${leftOvers(here)}`);
  claim(here.processes().length === 0, 'a process is left');
  claim(JSON.stringify(before()) === JSON.stringify(untouched), 'something of others changed');
  return { step: walked.steps.at(-1) ?? '', onDisk: state, complaints };
}

type Claim = (isSo: boolean, text: string) => unknown;

/** Its owner is dead and it lives: a pass takes nothing of it. */
async function agentLives(here: Scene, way: Way, isToGo: boolean, claim: Claim): Promise<void> {
  if (!isToGo) {
    const [id = ''] = ourIds(here);
    const precious = join(here.box.root, id, 'tmp/precious');
    await waitUntil('the agent has started', () => existsSync(precious));
    const { ids, code } = await reapOnce(here);
    claim(
      ids.length === 0 && code === 0 && existsSync(precious),
      `a pass removed ${ids} while its agent lives`,
    );
    letGo(here);
  }
  claim((await verdict(here, way)) === 'kept', 'a living agent lost its file');
}

async function reapIt(here: Scene, { hasSurvivor }: Way, { steps }: Walk, claim: Claim): Promise<void> {
  const isWithoutLease = onDisk(here) === 'a directory without lease';
  const first = await reapOnce(here, hasSurvivor ? ['--orphans', 'end'] : []);
  claim(first.code === 0, `the reap failed: ${JSON.stringify(first.report.failed)}`);
  if (!isWithoutLease) return;
  // Whose it is nobody can tell: it goes at max age.
  claim(leftOvers(here).length === 1 && first.ids.length === 0, `without lease, young: ${steps.at(-1)}`);
  const later = await reapOnce(here, [], { laterMs: 80 * HOUR });
  claim(later.ids.length === 1, 'without lease, old: it stayed');
}

async function watchdogDoesIt(here: Scene, claim: Claim): Promise<void> {
  await waitUntil('nothing is left', () => leftOvers(here).length + here.processes().length === 0).catch(
    () => {},
  );
  const { ids } = await reapOnce(here);
  claim(ids.length === 0, 'the reaper had to do what is the watchdog’s');
}
