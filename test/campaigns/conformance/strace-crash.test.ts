// The cross-check of crash.test.ts: SIGKILL by strace in place of each changing system call. What it finds has to be what our own
// counter counts, and the same has to hold after each death.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inParallel, inScene, row, size } from '../../helpers/conformance.js';
import { qwRun } from '../../helpers/paths.js';
import { type Crash, crash, rowOf } from './after-crash.js';
import { isFirst } from './steps.js';
import { type Call, noStrace, type Traced, traced } from './traced.js';
import { letGo, neighbours, WAYS, type Way, walk, walkWith } from './walk.js';

const skip = size === 'fast' ? 'npm run conformance' : noStrace();
/** qw-run waits in vain for an agent that waits to be told, when strace missed its call. */
const STUCK_MS = 3_000;
/** Of openat and write there are more or fewer each time: procfs is read, threads are woken. */
const TRIES = 40;
const FURTHER = 3;

for (const way of WAYS.slice(1, 2))
  test(`SIGKILL in place of every changing system call: ${way.name}`, { skip }, async () => {
    const spawned = await spawnedOn(way);
    const { steps, calls, counted } = await dryRun(way, spawned);
    assert.deepEqual(steps, counted, 'strace and our counter see the same');
    const points = [...steps.keys()].filter((at) => isFirst(steps, at + 1));
    const all = await inParallel(points, (at) => diesBefore(way, spawned, steps, at, calls[at] as Call));
    for (const { found, at } of all)
      row(`strace: ${way.name}`, rowOf(at + 1, { ...found, step: steps[at] ?? '' }));
    const wrong = all.filter(({ found }) => found.complaints.length > 0).length;
    row('crash', [`${way.name}, by strace`, points.length, wrong]);
    assert.deepEqual(
      all.flatMap(({ found, isMissed, at }) => [
        ...(isMissed ? [`${at + 1} ${steps[at]}: missed`] : []),
        ...found.complaints.map((it) => `${at + 1} ${found.step}: ${it}`),
      ]),
      [],
    );
  });

/** Who has ended already is not told to go on. */
const isSure = (step: string): boolean => step !== 'kill SIGCONT';

/** The programs that are started on it, in order, as our counter tells them. */
const spawnedOn = (way: Way): Promise<string[]> =>
  inScene(async (here) => {
    neighbours(here);
    const { steps } = await walk(here, way, {}, true);
    return steps.filter((step) => step.startsWith('spawn ')).map((step) => step.slice('spawn '.length));
  });

/** All steps under strace, and all that the counter counts. */
async function dryRun(way: Way, spawned: readonly string[]): Promise<Traced & { counted: string[] }> {
  const counted = await inScene(async (here) => {
    neighbours(here);
    return (await walk(here, way, {}, true)).steps;
  });
  return inScene(async (here) => {
    neighbours(here);
    const all = await walkWith(here, way, true, (args) => traced(here, [qwRun, ...args], { spawned }));
    assert.equal(all.code, 7);
    const calls = all.calls.filter((_, at) => isSure(all.steps[at] ?? ''));
    return { ...all, steps: all.steps.filter(isSure), calls, counted: counted.filter(isSure) };
  });
}

/** Dies when `at` of the steps are done; tried with the next number of that call where it died too early or late. */
async function diesBefore(
  way: Way,
  spawned: readonly string[],
  steps: readonly string[],
  at: number,
  first: Call,
): Promise<{ found: Crash; isMissed: boolean; at: number }> {
  let { nth } = first;
  for (let tries = 1; ; tries += 1) {
    let done = 0;
    let then: number | undefined;
    const found = await inScene((here) =>
      crash(here, way, async () => {
        const tell = setTimeout(() => letGo(here), STUCK_MS);
        const death = { name: first.name, nth };
        const walked = await walkWith(here, way, false, (args) =>
          traced(here, [qwRun, ...args], { death, spawned }),
        );
        clearTimeout(tell);
        done = walked.signal === 'SIGKILL' ? walked.steps.filter(isSure).length - 1 : Infinity;
        then = walked.calls.filter((_, step) => isSure(walked.steps[step] ?? ''))[at]?.nth;
        return { walked, isToGo: existsSync(join(here.box.cwd, 'go')) };
      }),
    );
    const isThere = done === at || (steps[done] === steps[at] && Math.abs(done - at) < 4);
    if (isThere || found.complaints.length > 0 || tries === TRIES) return { found, isMissed: !isThere, at };
    // Where it died too late, its trace has the number that would have been right that time.
    nth = done < at ? nth + FURTHER : (then ?? nth - 1);
  }
}
