// One actor is stopped at a call that only looks, from the first one at a claim on, while another runs to its end, then goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, row, sized } from '../../helpers/conformance.js';
import { passes } from './passes.js';
import { PAIRS } from './points.js';
import { onStage } from './stage.js';
import { meet } from './stopped.js';

const OTHERS = PAIRS.filter(({ turn }) => turn > 0);
const POINTS = sized({ fast: [13], full: [1, 3, 6, 10, 15, 21, 28, 40, 80, 120, 170, 230, 300] });

for (const { first, second } of sized({ fast: OTHERS.slice(0, 1), full: OTHERS })) {
  test(`${first.name} stopped at its looks, ${second.name} meanwhile`, async () => {
    const met = await inParallel(POINTS, (at) =>
      onStage(async (on) => {
        const step = { at, stop: 'before', reads: true } as const;
        const { complaints, ...it } = await meet(on, { first: { ...first, since: 'trash' }, second, step });
        const all = [...complaints, ...(await passes(on))];
        return { ...it, complaints: all.map((text) => `${at} ${it.step}: ${text}`) };
      }),
    );
    row('two-actors', [
      `${first.name}, at a look`,
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
