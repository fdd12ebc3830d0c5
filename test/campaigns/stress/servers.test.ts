// A short form of npm run show:servers: with qw-run nothing of an agent is left, whoever ends it; without, what it started is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from './servers/perform.js';
import { SCENARIOS } from './servers/scenarios.js';

const sizes = { restarts: 2, files: 20 };
const named = (name: string) => {
  const found = SCENARIOS.find((scenario) => scenario.name.startsWith(name));
  assert.ok(found, name);
  return found;
};

for (const name of ['stop of one', 'restart', 'an agent exits', 'kill -9', 'SIGTERM', 'sweep'])
  test(`servers: ${name}: with qw-run nothing is left`, async () => {
    const { processes, bytes } = await perform(named(name), 'with', sizes);
    assert.deepEqual({ processes, bytes }, { processes: 0, bytes: 0 });
  });

test('servers: without qw-run a stop leaves what the agent started', async () => {
  const { processes } = await perform(named('stop of one'), 'without', sizes);
  assert.ok(processes > 0);
});
