// A server under test: sessions end, and are listed, by the real clock while the test has put one of its own in place.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { listSessions, openSession, reap } from 'qw-run';
import { run } from './helpers/cli.js';
import { repoRoot } from './helpers/paths.js';
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

test('nor do global ones that were replaced before we are loaded, as by jest with jsdom', async (t) => {
  const here = scene(t);
  const script = `for (const name of ['setTimeout', 'setInterval', 'setImmediate']) globalThis[name] = () => 1;
    const { listSessions, openSession, startReaper } = require('qw-run');
    (async () => {
      const session = await openSession();
      session.adopt(require('node:child_process').spawn('sleep', ['600'], { env: session.env() }).pid);
      console.log((await listSessions()).sessions.length, (await session.end()).state);
      const reaper = startReaper();
      console.log((await reaper.first).failed.length);
      process.exit();
    })();`;
  const { code, stdout, stderr } = await run('-e', [script], { ...here.options, cwd: repoRoot });
  assert.deepEqual([code, stdout, stderr], [0, '1 removed\n0\n', '']);
  here.nothingLeft();
});
