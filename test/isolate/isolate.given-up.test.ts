// A bubblewrap that does not answer: a signal that comes meanwhile ends the run as that signal would have ended the command, at once
// and with nothing left. So does the library's `signal`.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSession } from '#src/index.js';
import { start } from '../helpers/cli.js';
import { withBwrap } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { openTerminal } from '../helpers/pty.js';
import { type Scene, scene } from '../helpers/scene.js';
import { useStandIns } from '../helpers/stand-ins.js';
import { waitUntil } from '../helpers/wait-until.js';

const COMMAND = ['--isolate', 'tmpfs', '/bin/echo', 'ran'];

/** One that says when it runs, hears nothing but SIGKILL and has children. */
function silent(here: Scene) {
  const running = join(here.box.dir, 'running');
  const script = `trap '' INT TERM HUP; sleep 600 & : >'${running}'; while :; do sleep 600; done`;
  const env = withBwrap(here, script);
  return { env, isRunning: () => waitUntil('bwrap runs', () => existsSync(running)) };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} to qw-run`, async (t) => {
    const here = scene(t);
    const { env, isRunning } = silent(here);
    const { child, done } = start(qwRun, COMMAND, { ...here.options, env });
    await isRunning();
    child.kill(signal);
    const { code, signal: by, stdout, stderr } = await done;
    assert.deepEqual({ code, by, stdout, stderr }, { code: null, by: signal, stdout: '', stderr: '' });
    await here.nothingLeftSoon();
  });

test('Ctrl-C', async (t) => {
  const here = scene(t);
  const { env, isRunning } = silent(here);
  const terminal = openTerminal(t, process.execPath, [qwRun, ...COMMAND], { ...here.options, env });
  await isRunning();
  terminal.type('\x03');
  assert.equal((await terminal.ends()).signal, 2);
  assert.ok(!terminal.screen().includes('ran'));
  await here.nothingLeftSoon();
});

test('the library rejects with ERR_QW_ABORTED, without a try where the signal was aborted before', async (t) => {
  const here = scene(t);
  const { isRunning } = silent(here);
  useStandIns(t, join(here.box.dir, 'bin'));
  const early = openSession({ env: here.box.env, signal: AbortSignal.abort() });
  await assert.rejects(early, { code: 'ERR_QW_ABORTED' });
  assert.ok(!existsSync(here.box.root));
  const later = new AbortController();
  const reason = new Error('no longer wanted');
  const opening = openSession({ env: here.box.env, isolate: 'tmpfs', signal: later.signal });
  await isRunning();
  later.abort(reason);
  await assert.rejects(opening, { code: 'ERR_QW_ABORTED', cause: reason });
  await here.nothingLeftSoon();
});
