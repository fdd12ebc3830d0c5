// A session that is to be kept is kept however it ends: the wrapper told to end, or killed with the agent still at work,
// with a watchdog or without, or an owner that just exits. What it left running is ended all the same.
import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { leaseIn } from '../helpers/leases.js';
import { states } from '../helpers/listed.js';
import { watchdogsOf } from '../helpers/owners.js';
import { qwTmp, repoRoot } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { ids, killed, openWith, put, reapOnce } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const LEAVES = 'setsid sleep 600 >/dev/null 2>&1 & echo "ready $$ "; exec sleep 601 >/dev/null 2>&1';

async function open(t: TestContext, flags: string[]) {
  const here = scene(t);
  const session = await openWith(here, ['--keep', ...flags], LEAVES);
  const work = put(join(session.tmpdir, 'work'));
  return { here, work, ...session };
}

/** Kept, nobody in it, no reaper takes it; `qw-tmp rm` does. */
async function assertKept(here: Scene, id: string, work: string): Promise<void> {
  assert.deepEqual(await states(here), [`${id} kept`]);
  assert.deepEqual((await reapOnce(here, ['--orphans', 'end'])).ids, []);
  assert.deepEqual([existsSync(work), here.processes()], [true, []]);
  assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 0);
  here.nothingLeft();
}

describe('--keep', { concurrency: 2 }, () => {
  test('holds when the wrapper is told to end', async (t) => {
    const { here, wrapper, tmpdir, id, work } = await open(t, []);
    kill(wrapper.pid, 'SIGTERM');
    const { signal, stderr } = await wrapper.done;
    assert.equal(signal, 'SIGTERM');
    assert.ok(stderr.endsWith(`qw-run: kept ${tmpdir}; remove it with: qw-tmp rm ${id}\n`), stderr);
    await assertKept(here, id, work);
  });

  test('holds where the session directory cannot be written any more', async (t) => {
    const { here, wrapper, tmpdir, id, work } = await open(t, []);
    chmodSync(dirname(tmpdir), 0o500);
    kill(wrapper.pid, 'SIGTERM');
    await wrapper.done;
    assert.ok(leaseIn(tmpdir)['kept']);
    await assertKept(here, id, work);
  });

  test('holds when the wrapper is killed and the agent goes later', async (t) => {
    const { here, wrapper, agent, tmpdir, id, work } = await open(t, []);
    await killed(wrapper.pid);
    assert.deepEqual(await states(here), [`${id} held`]);
    await killed(agent);
    await waitUntil('the watchdog has left', () => watchdogsOf(wrapper.pid).length === 0);
    assert.ok(leaseIn(tmpdir)['kept']);
    await assertKept(here, id, work);
  });

  test('holds when both are killed, without a watchdog', async (t) => {
    const { here, wrapper, agent, id, work } = await open(t, ['--no-watchdog']);
    await killed(wrapper.pid);
    await killed(agent);
    assert.deepEqual(await states(here), [`${id} held`]);
    assert.deepEqual((await reapOnce(here, ['--orphans', 'end'])).report.kept, [
      { id, state: 'kept', reason: 'kept-on-request' },
    ]);
    await assertKept(here, id, work);
  });

  test('is what qw-tmp rm --force overrules', async (t) => {
    const { here, wrapper, id } = await open(t, ['--no-watchdog']);
    await killed(wrapper.pid);
    assert.equal((await run(qwTmp, ['rm', '--force', id], here.options)).code, 0);
    here.nothingLeft();
  });
});

/** An owner whose agent is gone already when it exits without a word. */
const EXITS = `import { openSession } from 'qw-run';
  const session = await openSession({ keep: true, watchdog: false });
  console.log('ready ' + process.pid + ' ');
  process.exit(0);`;

test('openSession({ keep }) holds when its owner just exits', async (t) => {
  const here = scene(t);
  const owner = start('--input-type=module', ['-e', EXITS], { ...here.options, cwd: repoRoot });
  await readyPid(owner.says);
  const [id = ''] = ids(here.box);
  assert.equal((await owner.done).code, 0);
  await assertKept(here, id, join(here.box.root, id, 'tmp'));
});
