// Ten seconds of the stress run: npm run stress is the long form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from '../helpers/scene.js';
import { storm } from './storm.js';

test('ten agents lose no file and leave no directory while wrappers are SIGKILLed and three reapers run', async (t) => {
  const here = scene(t);
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { complaints, ...tally } = await storm(here, { ms: 7_000, sessions: 10, seed, lifeMs: 3_000 });
  t.diagnostic(JSON.stringify({ seed, ...tally }));
  assert.deepEqual(complaints, []);
  assert.equal(tally.filesLost + tally.processesLost + tally.directoriesLeft + tally.reapersFailed, 0);
  for (const count of ['wrappersKilled', 'leasesForged', 'reaps', 'reaped', 'filesVerified'] as const)
    assert.ok(tally[count] > 0, count);
  here.nothingLeft(['results']);
});
