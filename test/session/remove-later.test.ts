// --no-wait: the end takes as long for a large TMPDIR as for an empty one, and the space comes back all the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openSession } from '#src/index.js';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { slowRm } from '../helpers/slow-rm.js';

const MANY = 'mkdir "$TMPDIR/many"; cd "$TMPDIR/many"; touch $(seq 1000)';

describe('--no-wait', { concurrency: 2 }, () => {
  test('exits as the agent did while rm still runs, and nothing is left after it', async (t) => {
    const here = scene(t);
    const { env: slow, isRunning, release } = slowRm(here);
    t.after(release);
    const env = { ...here.options.env, ...slow };
    const ended = await run(qwRun, ['--no-wait', 'sh', '-c', `${MANY}; exit 9`], { ...here.options, env });
    assert.deepEqual([ended.code, ended.stderr], [9, '']);
    await isRunning();
    assert.match(here.box.left().join(), /^\.trash\/[^,]*$/);
    release();
    await here.nothingLeftSoon();
  });

  test('read-only directories go too', async (t) => {
    const here = scene(t);
    const script = `${MANY}; mkdir -p ../mod/a; touch ../mod/a/b; chmod -R a-w ../mod; exit 9`;
    const { code, stderr } = await run(qwRun, ['--no-wait', 'sh', '-c', script], here.options);
    assert.deepEqual([code, stderr], [9, '']);
    await here.nothingLeftSoon();
  });

  test('of a server, which goes on', async (t) => {
    const here = scene(t);
    const { env } = here.options;
    const session = await openSession({ root: here.box.root, env, wait: false });
    for (let n = 0; n < 100; n += 1) put(`${session.tmpdir}/${n}/file`);
    const { state, failed, largest } = await session.end();
    assert.deepEqual([state, failed, largest], ['removed', [], []]);
    await here.nothingLeftSoon();
  });
});
