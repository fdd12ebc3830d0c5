// Seven seconds of the stress run: npm run stress is the long form.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { scene } from '../../helpers/scene.js';
import { storm } from './storm.js';
import { FAULTS, PROOFS } from './tally.js';

const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3';

test('ten agents and their company: nothing lost, nobody ended, nothing left, whoever is SIGKILLed', {
  skip,
}, async (t) => {
  const here = scene(t);
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { complaints, ...tally } = await storm(here, { ms: 7_000, sessions: 10, seed, lifeMs: 3_000 });
  t.diagnostic(JSON.stringify({ seed, ...tally }));
  assert.deepEqual(complaints, []);
  for (const fault of FAULTS) assert.equal(tally[fault], 0, fault);
  for (const count of PROOFS) assert.ok(tally[count] > 0, count);
  here.nothingLeft(['results']);
});
