// A server stays for what it awaits of its helper, also while that waits for its turn; for nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helperOf, stop } from '../helpers/helper-process.js';
import { kill } from '../helpers/processes.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';

describe('behind a pass that nobody awaits', { concurrency: 2 }, () => {
  test('reap() is answered before the server ends', async (t) => {
    const here = scene(t);
    forge(here.box, 'dead1234', { lease: leaseOf('dead1234') });
    const script = `reaper({ root: ${JSON.stringify(here.box.root)}, onReport: () => {} });
      await new Promise(setImmediate);
      await qw.reap({ root: ${JSON.stringify(here.box.root)} });
      say('reaped');`;
    const { code, stdout, stderr } = await server(here, script).done;
    assert.deepEqual([code, stdout, stderr], [0, 'reaped\n', '']);
    assert.deepEqual(here.box.left(), []);
  });

  test('the same when the helper dies meanwhile', async (t) => {
    const here = scene(t);
    const script = `reaper({ onReport: () => say('first') });
      const keep = setInterval(() => {}, 60_000);
      process.once('SIGUSR2', async () => {
        clearInterval(keep);
        reaper({ onReport: () => {} });
        await new Promise(setImmediate);
        say('asked');
        await qw.reap();
        say('reaped');
      });`;
    const run = server(here, script);
    await run.says('first\n');
    const pid = await helperOf(run.pid);
    stop(t, pid);
    kill(run.pid, 'SIGUSR2');
    await run.says('asked\n');
    kill(pid, 'SIGKILL');
    const { code, stdout } = await run.done;
    assert.deepEqual([code, stdout.split('\n').includes('reaped')], [0, true]);
  });
});
