// The process that keeps a namespace, stopped by somebody before its owner was killed: it goes all the same, nobody else does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { isolatedRun, keepersOf, noIsolation, seers } from '../helpers/isolation.js';
import { qwTmp, repoRoot } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, reapOnce } from '../helpers/reaping.js';
import { killAll, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const SCRIPT = 'echo x >"$TMPDIR/f"; echo "ready $$ "; exec sleep 600';
const NO_AGENT = `import { openSession } from 'qw-run';
  await openSession({ isolate: 'tmpfs' });
  console.log('ready');
  setInterval(() => {}, 1_000);`;

/** A run in memory, its holder stopped. */
async function stopped(here: Scene, flags: string[]) {
  const it = await isolatedRun(here, ['--isolate', 'tmpfs', ...flags, 'sh', '-c', SCRIPT]);
  kill(it.inside, 'SIGSTOP');
  return it;
}

describe('stopped', { skip: noIsolation() }, () => {
  for (const flags of [[], ['--survivors', 'keep'], ['--spare', 'sh']])
    test(`the watchdog ends it and leaves the agent ${flags.join(' ')}`, async (t) => {
      const here = scene(t);
      const { running, agent, inside } = await stopped(here, flags);
      const [id = ''] = ids(here.box);
      kill(running.pid, 'SIGKILL');
      await waitUntil('it is gone', () => !isAlive(inside));
      assert.ok(isAlive(agent));
      assert.equal(readFileSync(join(`/proc/${agent}/root`, here.box.root, id, 'tmp/f'), 'utf8'), 'x\n');
      kill(agent, 'SIGKILL');
      await here.nothingLeftSoon();
      assert.deepEqual(seers(basename(here.box.dir)), []);
    });

  test('the watchdog ends it where the session had no agent yet', async (t) => {
    const here = scene(t);
    const owner = start('--input-type=module', ['-e', NO_AGENT], { ...here.options, cwd: repoRoot });
    await owner.says('ready');
    const { inside } = keepersOf(owner.pid);
    kill(inside, 'SIGSTOP');
    kill(owner.pid, 'SIGKILL');
    await here.nothingLeftSoon();
  });

  test('without a watchdog the reaper ends it, and who only looks does not', async (t) => {
    const here = scene(t);
    const { running, agent, inside } = await stopped(here, ['--no-watchdog', '--survivors', 'keep']);
    killAll('SIGKILL', running.pid, agent);
    await waitUntil('owner and agent are dead', () => !isAlive(running.pid) && !isAlive(agent));
    await run(qwTmp, ['list'], here.options);
    await reapOnce(here, ['--dry-run']);
    assert.ok(isAlive(inside));
    const [id] = ids(here.box);
    assert.deepEqual((await reapOnce(here)).ids, [id]);
    here.nothingLeft();
  });
});
