// What session.end() leaves, and how its report says so: kept on request, held by somebody, failed.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { agentIn, leaseIn, opened } from '../helpers/opened.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { killed, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const AGENT_AND_SURVIVOR = 'setsid sleep 600 & echo "ready $!"; exec sleep 600';
const asRoot = process.getuid?.() === 0 && 'permissions do not bind root';

describe('the state after session.end()', { concurrency: 2 }, () => {
  test('`kept`: with `keep` it leaves the directory, which only qw-tmp rm removes', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const { pid } = await agentIn(here, session, 'echo why > "$TMPDIR/log"; echo ready; exec sleep 600');
    const { state, ended } = await session.end({ keep: true });
    assert.deepEqual([state, ended.map((one) => one.pid)], ['kept', [pid]]);
    assert.equal(readFileSync(join(session.tmpdir, 'log'), 'utf8'), 'why\n');
    assert.ok(!Number.isNaN(Date.parse((leaseIn(session)['kept'] as { at: string }).at)));
    assert.equal((await run(qwTmp, ['reap'], here.options)).code, 0);
    assert.deepEqual(here.box.left(), [session.id]);
    assert.equal((await run(qwTmp, ['rm', session.id], here.options)).code, 0);
    here.nothingLeft();
  });

  test('`removed` where `end({ keep: false })` overrules `openSession({ keep: true })`', async (t) => {
    const here = scene(t);
    const session = await opened(t, here, { keep: true });
    const path = put(join(session.tmpdir, 'file'));
    const pid = await outsider(here, 'file', path);
    assert.equal((await session.end({ keep: false })).state, 'held');
    await killed(pid);
    await here.nothingLeftSoon();
  });

  test('`held` by somebody who only uses a file there, whole, and goes when he does', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const path = put(join(session.tmpdir, 'some/file'));
    const pid = await outsider(here, 'file', path);
    const { state, ended, left } = await session.end();
    assert.deepEqual({ state, ended }, { state: 'held', ended: [] });
    const evidence = { reason: 'open', evidence: 'has something open there' };
    assert.deepEqual(left, [{ pid, name: nameOf(pid), why: 'holder', holds: [`file ${path}`], ...evidence }]);
    assert.ok(isAlive(pid));
    assert.deepEqual(readdirSync(join(session.tmpdir, 'some')), ['file']);
    await killed(pid);
    await here.nothingLeftSoon();
  });

  test('`held` with `survivors: keep`: it ends the agent alone, and TMPDIR stays for the rest', async (t) => {
    const here = scene(t);
    const session = await opened(t, here, { survivors: 'keep' });
    const { pid, said } = await agentIn(here, session, AGENT_AND_SURVIVOR);
    const survivor = Number(/ready (\d+)/.exec(said())?.[1]);
    const { state, ended, left } = await session.end();
    assert.deepEqual([state, ended.map((one) => one.pid)], ['held', [pid]]);
    assert.deepEqual(
      left.map((one) => [one.pid, one.why]),
      [[survivor, 'member']],
    );
    assert.ok(isAlive(survivor) && existsSync(session.tmpdir));
    await killed(survivor);
    await here.nothingLeftSoon();
  });

  test('`failed`: it says what it could not do, and what a person can look at', {
    skip: asRoot,
  }, async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    put(join(session.tmpdir, 'work'));
    chmodSync(here.box.root, 0o500);
    const { state, ended, left, failed } = await session.end().finally(() => chmodSync(here.box.root, 0o700));
    assert.deepEqual({ state, ended, left }, { state: 'failed', ended: [], left: [] });
    assert.deepEqual(
      failed.map(({ path }) => path),
      [session.dir],
    );
    assert.match(failed[0]?.reason ?? '', /EACCES/);
    assert.ok(failed[0]?.hint.includes(session.dir));
    assert.ok(existsSync(join(session.tmpdir, 'work')));
    await here.nothingLeftSoon();
  });
});
