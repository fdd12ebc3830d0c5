// One day of the simulation at a tenth of its size, and the idle days after it. `npm run simulate` is the long form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sandbox } from '../../helpers/sandbox.js';
import { simulate } from './simulate.js';

test('a day of agents: the young files of living sessions stay, what is dead or stale goes', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const options = { days: 1, entriesPerDay: 634, sessionsPerDay: 8, seed, isIdleAtEnd: true };
  const { curve, lost, failed, sweptIdle, left } = await simulate(sandbox(t), options);
  assert.deepEqual({ lost, failed, left }, { lost: [], failed: [], left: [] });
  const last = curve.at(-1);
  assert.ok(
    last && last.without.entries >= 634 && last.with.entries < last.without.entries,
    JSON.stringify(last),
  );
  assert.ok(last.sessions > 0 && last.with.entries > last.sessions);
  assert.ok(sweptIdle > 0, 'what went stale in sessions that live on is swept');
});
