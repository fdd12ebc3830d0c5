// Strangers that only root can make: one with the number of an agent that has ended, one of another user.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { QwRunError } from 'qw-run';
import { agentIn, opened } from '../helpers/opened.js';
import { fixture } from '../helpers/paths.js';
import { noPidNamespace } from '../helpers/pid-one.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { noUsers, OTHER } from '../helpers/users.js';

test('a number that was reused is refused, and whoever has it lives on', { skip: noPidNamespace() }, (t) => {
  const here = scene(t);
  // The shell stays the first process: orphans become its children, not the server's.
  const script = `${quoted(process.execPath, fixture('adopt-reused.mjs'))}; exit $?`;
  const args = ['--pid', '--fork', '--mount-proc', '--propagation', 'private', 'sh', '-c', script];
  const { status, stdout, stderr } = spawnSync('unshare', args, { ...here.options, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  const { isReused, refusal, ended, isAlive: lives } = JSON.parse(stdout);
  if (!isReused) return t.skip('the next pid could not be set');
  assert.match(refusal, /^ERR_QW_NO_PROCESS .*no child of this process/);
  assert.deepEqual([ended, lives], [[], true]);
  here.nothingLeft();
});

test('another user’s is refused, also with all of ours in its environment', {
  skip: noUsers(),
}, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  const { stdout } = spawnSync('sh', ['-c', 'setsid sleep 600 >/dev/null 2>&1 & echo $!'], {
    ...here.options,
    env: session.env(here.options.env),
    cwd: '/',
    uid: OTHER,
    gid: OTHER,
    encoding: 'utf8',
  });
  const pid = Number(stdout);
  assert.throws(
    () => session.adopt(pid),
    ({ code, message }: QwRunError) => code === 'ERR_QW_NO_PROCESS' && /another user’s/.test(message),
  );
  assert.throws(() => session.adopt(2), { code: 'ERR_QW_NO_PROCESS' });
  await session.end();
  assert.ok(isAlive(pid));
  await killed(pid);
});

test('one that became another user and is a child is an agent like any other', {
  skip: noUsers(),
}, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  const script = `echo ready; exec setpriv --reuid=${OTHER} --regid=${OTHER} --clear-groups sleep 600`;
  const { pid } = await agentIn(here, session, script);
  const { ended } = await session.end();
  assert.deepEqual([ended.map((one) => one.pid), isAlive(pid)], [[pid], false]);
  here.nothingLeft();
});
