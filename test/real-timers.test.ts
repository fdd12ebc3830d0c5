// A server under test: sessions end, and are listed, by the real clock while the test has put one of its own in place.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { listSessions, openSession, reap } from 'qw-run';
import { scene } from './helpers/scene.js';

test('mocked timers hold up neither an end nor a list nor a pass', async (t) => {
  const here = scene(t);
  const { env } = here.box;
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: Date.now() });
  const session = await openSession({ env });
  const { file, args } = session.command('sh', [
    '-c',
    "trap '' TERM; echo ready; while :; do sleep 600; done",
  ]);
  const options = { ...here.options, env: session.env(here.options.env) };
  const agent = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  session.adopt(agent.pid as number);
  await once(agent.stdout, 'data');
  assert.equal((await listSessions({ env })).sessions.length, 1);
  const { state, ended } = await session.end({ grace: 100 });
  assert.equal(state, 'removed');
  assert.ok(ended.some(({ pid }) => pid === agent.pid));
  assert.deepEqual((await reap({ env })).removed, []);
  t.mock.timers.reset(); // who looks below waits by them
  here.nothingLeft();
});
