// A server that has run out of descriptors: no fault of ours brings it down, each call says what it could not do, and what
// could not be ended then is ended as soon as there are descriptors again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fixture } from './helpers/paths.js';
import { reapOnce } from './helpers/reaping.js';
import { scene } from './helpers/scene.js';

test('without descriptors a session is refused, or its end is made up for later', async (t) => {
  const here = scene(t);
  const { options } = here;
  const command = [
    '-c',
    'ulimit -n 200 && exec "$@"', // enough to load the modules, which Node opens side by side,
    'sh',
    process.execPath,
    fixture('exhaust-descriptors.mjs'),
  ];
  const { status, stdout, stderr } = spawnSync('sh', command, {
    ...options,
    encoding: 'utf8',
    timeout: 300_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  const said = stdout.trim().split('\n');
  assert.ok(
    said.some((line) => line.startsWith('failed: it cannot be looked at (EMFILE)')),
    stdout,
  );
  for (const line of said) assert.match(line, /^(failed|refused): .*(EMFILE|searched for worktrees)/);
  await reapOnce(here); // what was in the trash already when no rm could be started
  here.nothingLeft();
});
