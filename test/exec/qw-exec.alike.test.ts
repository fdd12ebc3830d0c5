// A session of the launcher is one like any other to list, show, explain, rm and the reaper.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Running, run, start } from '../helpers/cli.js';
import { command } from '../helpers/exec.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { states } from '../helpers/listed.js';
import { heldBy, noFlock, rootLocked } from '../helpers/locks.js';
import { qwExec, qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { ids, killed, reapOnce } from '../helpers/reaping.js';
import { told } from '../helpers/receipts.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAYS = `${leftSleeping('sleep 600 >/dev/null 2>&1')} echo "ready $$ "; wait`;

async function opened(
  here: Scene,
  flags: string[] = [],
  script = STAYS,
): Promise<{ agent: Running; id: string }> {
  const agent = start(qwExec, [...flags, command(here, script)], here.options);
  assert.equal(await readyPid(agent.says), agent.pid);
  const [id = ''] = ids(here.box);
  return { agent, id };
}

const tmp = (here: Scene, ...args: string[]) => run(qwTmp, args, here.options);

describe('a session of qw-exec', { concurrency: 2 }, () => {
  test('is live, with its agent and what that started; the reaper leaves it', async (t) => {
    const here = scene(t);
    const { agent, id } = await opened(here, ['--label', 'L']);
    const { stdout } = await tmp(here, 'list', '--json');
    const [session] = JSON.parse(stdout).sessions;
    assert.deepEqual([session.id, session.state, session.label], [id, 'live', 'L']);
    assert.deepEqual(
      session.holders.map(({ name, why }: Record<string, string>) => `${name} ${why}`).sort(),
      ['agent member', 'sleep member'],
    );
    assert.deepEqual((await reapOnce(here)).ids, []);
    const { stdout: explained } = await tmp(here, 'explain', `${agent.pid}`);
    assert.match(explained, /is the owner of session .*: it opened it, and became its agent/);
    await killed(agent.pid);
    await here.nothingLeftSoon();
    await waitUntil('the receipt is written', () => told(here).length > 0);
    const { stdout: after } = await tmp(here, 'list');
    assert.match(after, /lately, .*\n.*sleep/, 'what was left running is told');
  });

  test('is refused by rm while it lives, and ended by rm --force', async (t) => {
    const here = scene(t);
    const { agent, id } = await opened(here);
    const refused = await tmp(here, 'rm', id);
    assert.equal(refused.code, 1);
    assert.ok(isAlive(agent.pid) && existsSync(join(here.box.root, id, 'tmp')));
    const forced = await tmp(here, 'rm', '--force', id);
    assert.equal(forced.code, 0, forced.stderr);
    assert.ok(!isAlive(agent.pid));
    await here.nothingLeftSoon();
  });

  test('keeps its directory on request, and who is to live on keeps it', async (t) => {
    const here = scene(t);
    const kept = await opened(here, ['--keep'], 'echo "ready $$ "');
    await kept.agent.done;
    await waitUntil('it is kept', async () => (await states(here)).includes(`${kept.id} kept`));
    const removed = await tmp(here, 'rm', kept.id);
    assert.equal(removed.code, 0, removed.stderr);
    const script = 'setsid sleep 600 >/dev/null 2>&1 & echo "survivor $! "; echo "ready $$ "';
    const { agent, id } = await opened(here, ['--survivors', 'keep'], script);
    const survivor = Number(/survivor (\d+)/.exec(agent.stdout())?.[1]);
    await agent.done;
    await waitUntil('it is held', async () => (await states(here)).includes(`${id} held`));
    assert.ok(isAlive(survivor));
    await killed(survivor);
    await here.nothingLeftSoon();
  });

  test('ends what heeds no SIGTERM', async (t) => {
    const here = scene(t);
    const deaf = `setsid sh -c 'trap "" TERM; echo x >ready; while :; do sleep 1; done' >/dev/null 2>&1 &`;
    const waits = 'until [ -s ready ]; do sleep 0.1; done; echo "ready $$ "';
    const { agent } = await opened(here, ['--grace', '100ms'], `${deaf} ${waits}`);
    await agent.done;
    await here.nothingLeftSoon(['ready']);
  });

  test('is locked while it lives', { skip: noFlock() }, async (t) => {
    const here = scene(t);
    const { agent } = await opened(here);
    await rootLocked(here.box);
    const { lock } = JSON.parse(agent.stdout().split('\n')[0] ?? '');
    assert.equal(heldBy(join(here.box.root, lock)), 'exclusive');
    await killed(agent.pid);
    await here.nothingLeftSoon();
    await waitUntil('the lock is taken away', () => !existsSync(join(here.box.root, lock)));
  });
});
