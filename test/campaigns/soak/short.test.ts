// Ten days in seconds: npm run soak is the long form. Too short to show that memory stays flat; what is lost or left it shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from '../../helpers/scene.js';
import { soak } from './soak-run.js';

test('ten days of a server and wrappers around it: nothing is lost, nothing is left', async (t) => {
  const here = scene(t);
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { samples, tally, complaints } = await soak(here, { days: 10, realMs: 6_000, seed });
  t.diagnostic(JSON.stringify({ seed, ...tally }));
  assert.deepEqual(complaints, []);
  for (const what of [
    'sessionsOfServer',
    'wrappersStarted',
    'wrappersKilled',
    'passes',
    'sessionsAccounted',
  ] as const)
    assert.ok(tally[what] > 0, what);
  assert.ok(
    samples.some(({ watchdogs, sessions, descriptors, rss }) => watchdogs && sessions && descriptors && rss),
  );
  here.nothingLeft(['results', 'stop']);
});
