// The process that keeps an isolated session's namespace: whatever is done to it, the session ends and nothing else is touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolatedRun, noIsolation } from '../helpers/isolation.js';
import { isAlive, kill } from '../helpers/processes.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = noIsolation();

/** Its agent waits for a line. */
async function waiting(here: Scene, flags: readonly string[] = []) {
  const script = 'echo x >"$TMPDIR/f"; echo "ready $$ "; read a';
  const { running, ...pids } = await isolatedRun(here, ['--isolate', 'tmpfs', ...flags, 'sh', '-c', script]);
  return { running, ...pids, finish: () => running.child.stdin?.end('\n') };
}

for (const who of ['bwrap', 'inside', 'both'] as const)
  test(`stopped (${who}), the session ends all the same`, { skip }, async (t) => {
    const here = scene(t);
    const { running, bwrap, inside, finish } = await waiting(here);
    const stopped = { bwrap: [bwrap], inside: [inside], both: [bwrap, inside] }[who];
    t.after(() => stopped.forEach((pid) => void kill(pid, 'SIGKILL')));
    for (const pid of stopped) kill(pid, 'SIGSTOP');
    finish();
    await waitUntil('qw-run has ended', () => running.child.exitCode !== null);
    const { code, stderr } = await running.done;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.ok(!isAlive(bwrap) && !isAlive(inside));
    here.nothingLeft();
  });

test('killed, what was in memory is told to be lost, and nobody else is looked into by its pid', {
  skip,
}, async (t) => {
  const here = scene(t);
  const { running, inside, finish } = await waiting(here, ['--keep']);
  kill(inside, 'SIGKILL');
  await waitUntil('it is dead', () => !isAlive(inside));
  finish();
  const { code, stderr } = await running.done;
  assert.equal(code, 0);
  assert.match(stderr, /^qw-run: could not keep \S+: the process that kept it in memory was killed; /);
});
