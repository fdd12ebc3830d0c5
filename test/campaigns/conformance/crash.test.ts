// SIGKILL before each call that changes something on the way from the opening of a session to its end, then one reap by a fresh
// process: a living agent keeps its files, nothing of ours is left, nothing of others has changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, inScene, row, size, sized } from '../../helpers/conformance.js';
import { crash, rowOf } from './after-crash.js';
import { isFirst } from './steps.js';
import { neighbours, WAYS, type Way, walk } from './walk.js';

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
      inScene(async (here) => {
        const isToGo = at > whileAlive;
        return crash(here, way, async () => {
          const walked = await walk(here, way, { at }, isToGo);
          // Who has ended already is not told to go on: a step less.
          assert.ok(
            walked.signal === 'SIGKILL' || walked.steps.length < at,
            `${walked.code} ${walked.stderr}`,
          );
          return { walked, isToGo };
        });
      }),
    );
    for (const [index, it] of crashes.entries()) row(`crash: ${way.name}`, rowOf(points[index] ?? 0, it));
    row('crash', [way.name, points.length, crashes.filter(({ complaints }) => complaints.length > 0).length]);
    assert.deepEqual(
      crashes.flatMap(({ step, complaints }, index) => complaints.map((it) => `${index + 1} ${step}: ${it}`)),
      [],
    );
  });
}

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
