// One actor is stopped at a step while another runs to its end, then goes on: nothing is lost, nothing is left, nobody fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, row, sized } from '../../helpers/conformance.js';
import { passes } from './passes.js';
import { between, PAIRS, roadOf } from './points.js';
import { onStage } from './stage.js';
import type { Step } from './steps.js';
import { meet } from './stopped.js';

for (const { first, second } of sized({ fast: PAIRS.filter(({ turn }) => turn === 1), full: PAIRS })) {
  test(`${first.name} stopped at its steps, ${second.name} meanwhile`, async () => {
    const { steps, from, claim } = await roadOf(first);
    const before = sized({ fast: [claim, claim + 1], full: between(from, steps.length) });
    // After the claim comes the second look, before the next step it is over.
    const points: Step[] = [
      ...before.map((at) => ({ at, stop: 'before' as const })),
      { at: claim, stop: 'after' },
    ];
    const met = await inParallel(points, (step) =>
      onStage(async (on) => {
        const { complaints, ...it } = await meet(on, { first, second, step });
        const all = [...complaints, ...(await passes(on))];
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
