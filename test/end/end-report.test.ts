// What is said about those that were left running: one line however many, nothing with --quiet, nothing for nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = `sh -c 'echo "ready $$ "; exec sleep 600'`;

test('many survivors are named in one line', async (t) => {
  const here = scene(t);
  const { leave } = await agentThat(
    here,
    [],
    'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do setsid sleep 600 & done; echo "ready $! "',
  );
  await waitUntil(
    'all are there',
    () => here.processes().filter((pid) => nameOf(pid) === 'sleep').length === 12,
  );
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.match(stderr, /^qw-run: [^\n]*\b12\b[^\n]*sleep \(\d+\)[^\n]*\n$/);
  here.nothingLeft();
});

test('--quiet ends them without a word', async (t) => {
  const here = scene(t);
  const { leave } = await agentThat(here, ['--quiet'], `setsid ${STAY} &`);
  const { code, stderr } = await leave();
  assert.deepEqual([code, stderr], [CODE, '']);
  here.nothingLeft();
});

test('an agent that leaves nobody behind is not spoken of', async (t) => {
  const here = scene(t);
  const { leave } = await agentThat(here, [], 'echo "ready $$ "');
  const { code, stderr } = await leave();
  assert.deepEqual([code, stderr], [CODE, '']);
  here.nothingLeft();
});
