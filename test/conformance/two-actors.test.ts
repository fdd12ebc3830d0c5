// One actor is stopped at a step while another runs to its end, then goes on: nothing is lost, nothing is left, nobody fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, row, sized } from '../helpers/conformance.js';
import { reapOnce } from '../helpers/reaping.js';
import { ACTORS, type Actor } from './actors.js';
import { LATER, onStage, type Stage } from './stage.js';
import type { Step } from './steps.js';
import { meet } from './stopped.js';

const PAIRS = ACTORS.flatMap((first, at) => ACTORS.map((second, to) => ({ first, second, turn: to - at })));
const IN_TURN = PAIRS.filter(({ turn }) => (turn + ACTORS.length) % ACTORS.length === 1);

for (const { first, second } of sized({ fast: IN_TURN, full: PAIRS })) {
  test(`${first.name} stopped at each step, ${second.name} meanwhile`, async () => {
    const points = pointsOf(first, await stepsOf(first));
    const met = await inParallel(points, (step) =>
      onStage(async (on) => {
        const { complaints, ...it } = await meet(on, { first, second, step });
        const all = [...complaints, ...(await passes(on))];
        if (!it.isStopped && it.first.steps.length >= (step.at ?? 0)) all.push('it did not stop');
        return { ...it, complaints: all.map((text) => `${step.stop} ${step.at} ${it.step}: ${text}`) };
      }),
    );
    row('two-actors', [
      first.name,
      second.name,
      met.filter(({ isStopped }) => isStopped).length,
      met.filter(({ complaints }) => complaints.length > 0).length,
    ]);
    assert.deepEqual(
      met.flatMap(({ complaints }) => complaints),
      [],
    );
  });
}

/** What it does alone, in words. */
const stepsOf = (actor: Actor): Promise<string[]> =>
  onStage(async (on) => {
    const go = await actor.begin(on, 'first', { at: 0 });
    return (await go().ended).steps;
  });

/** Before each step; for `npm test` around the claim and at what follows it. */
function pointsOf(actor: Actor, steps: readonly string[]): Step[] {
  const from = actor.from(steps);
  const all = steps.map((_, index) => index + 1).filter((at) => at >= from);
  const claim = claimIn(steps, from);
  assert.ok(from > 0 && claim > 0, `${actor.name}: ${steps.join('\n')}`);
  const points = sized({ fast: [claim, claim + 1], full: all });
  return [...points.map((at): Step => ({ at, stop: 'before' })), { at: claim, stop: 'after' }];
}

const claimIn = (steps: readonly string[], from: number): number =>
  steps.findIndex((step, index) => index + 1 >= from && /^rename (?!\S*trash)\S+ \S*trash/.test(step)) + 1;

/** Passes until nothing is left; a second one only where the first says why, or what was handed over is on its way. */
async function passes(on: Stage): Promise<string[]> {
  for (let count = 1; ; count += 1) {
    const { code, report, stderr } = await reapOnce(on.here, [], LATER);
    const left = on.left();
    if (code !== 0) return [`the reap failed: ${JSON.stringify(report.failed)} ${stderr}`];
    if (left.length === 0) return on.wrong();
    const isTold = report.kept.some(({ state }) => state === 'held') || on.owned.length > 0;
    if (!isTold || count > MOST_PASSES) return [`left: ${left}; kept ${JSON.stringify(report.kept)}`];
  }
}

const MOST_PASSES = 20;
