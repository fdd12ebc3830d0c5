// Whoever ends a session leaves one receipt of it, whatever else is going on; real processes, the built bins.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openSession, type Receipt, readReceipts, runAgent } from 'qw-run';
import { deadClaim } from '../helpers/claims.js';
import { run } from '../helpers/cli.js';
import { agentIn, opened } from '../helpers/opened.js';
import { outsider } from '../helpers/outsider.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, killed, leaseOf, openOwnerless, openWith, put, reapOnce } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { logOf, receiptsIn, told } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';
import { toldServer } from '../helpers/told-server.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';

describe('one receipt', { concurrency: 2 }, () => {
  test('of a command that ends, with all that qw-run knows', async (t) => {
    const here = scene(t);
    const script = 'setsid sleep 600 & until grep -q sleep /proc/$!/comm; do sleep 0.02; done; exit 3';
    await run(qwRun, ['--label', 'build', '--', 'sh', '-c', script], here.options);
    const [receipt, ...more] = receiptsIn(here);
    assert.deepEqual(more, []);
    const { at, openedAt, durationMs, id, tmpdir, ended, agent, owner, ...rest } =
      receipt ?? assert.fail('there is none');
    assert.deepEqual(rest, {
      ...{
        version: 1,
        kind: 'session',
        by: 'owner',
        root: here.box.root,
        label: 'build',
        backend: 'generic',
      },
      ...{
        command: ['sh', '-c', script],
        cwd: here.box.cwd,
        state: 'removed',
        exit: { code: 3, signal: null },
      },
    });
    assert.ok(agent !== undefined && owner !== undefined && agent !== owner);
    assert.equal(tmpdir, join(here.box.root, id, 'tmp'));
    assert.deepEqual(
      ended.map(({ name }) => name),
      ['sleep'],
    );
    assert.ok(Date.parse(openedAt ?? '') <= Date.parse(at) && (durationMs ?? -1) >= 0);
  });

  test('of a command that a signal ended, and of one that is not there', async (t) => {
    const here = scene(t);
    await run(qwRun, ['sh', '-c', 'kill -9 $$'], here.options);
    await run(qwRun, ['--', 'no-such-command'], here.options);
    const exits = receiptsIn(here).map(({ exit }) => exit);
    assert.deepEqual(exits, [
      { code: null, signal: 'SIGKILL' },
      { code: 127, signal: null },
    ]);
  });

  test('of the owner who kept it, and of rm', async (t) => {
    const here = scene(t);
    await run(qwRun, ['--keep', 'true'], here.options);
    await reapOnce(here); // says nothing new
    const [{ id } = { id: '' }] = receiptsIn(here);
    await run(qwTmp, ['rm', id], here.options);
    assert.deepEqual(told(here), ['owner kept kept-on-request', 'rm removed']);
  });

  test('of an owner at whose end it was in use, and another once it has gone', async (t) => {
    const here = scene(t);
    const heard: Receipt[] = [];
    const session = await opened(t, here, { onReceipt: (receipt) => heard.push(receipt) });
    const pid = await outsider(here, 'file', put(join(session.tmpdir, 'file')));
    await session.end();
    assert.deepEqual(
      receiptsIn(here).flatMap(({ left }) => left.map((one) => one.pid)),
      [pid],
    );
    await killed(pid);
    await here.nothingLeftSoon();
    await waitUntil('both are told', () => heard.length === 2);
    assert.deepEqual(told(here), ['owner held in-use', 'owner removed']);
    const read = await readReceipts({ env: here.box.env });
    assert.deepEqual(heard, read);
  });

  test('of the watchdog, when the owner was killed', async (t) => {
    const here = scene(t);
    const { wrapper, agent } = await openWith(here, [], AGENT);
    await killed(wrapper.pid);
    await waitUntil('it waits for the agent', () => told(here).length === 1);
    await killed(agent);
    await here.nothingLeftSoon();
    await waitUntil('it is told', () => told(here).length === 2);
    assert.deepEqual(told(here), ['watchdog held agent-alive', 'watchdog removed owner-dead']);
  });

  for (const watchdog of [true, false])
    test(`of who finishes when an owner just exits, ${watchdog ? 'with' : 'without'} a watchdog`, async (t) => {
      const here = scene(t);
      const { go } = await toldServer(here, { code: 'process.exit(4)', options: { watchdog }, count: 2 });
      assert.equal((await go()).code, 4);
      await here.nothingLeftSoon();
      await waitUntil('both are told', () => told(here).length === 2);
      assert.deepEqual(told(here), Array(2).fill('watchdog removed end-begun'));
      assert.equal(new Set(receiptsIn(here).map(({ id }) => id)).size, 2);
    });

  test('of the reaper, with sizes, and one of its pass', async (t) => {
    const here = scene(t);
    await run(qwRun, ['true'], here.options);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00', { label: 'old' }) });
    const heard = await waitUntil('the server heard of it', async () => {
      const script = `setTimeout(() => {}, 60_000); const heard = [];
        reaper({ onReceipt: (it) => heard.push(it.kind), onReport: () => { say(heard.join()); process.exit() } })`;
      return (await server(here, script).done).stdout;
    });
    assert.equal(heard, 'session,pass\n');
    const receipt = receiptsIn(here).at(-1);
    assert.deepEqual([receipt?.id, receipt?.label, receipt?.reason], ['orphan00', 'old', 'owner-dead']);
    assert.ok((receipt?.entries ?? 0) > 0);
  });

  test('of `reap --orphans end` behind a watchdog that is faster: whom it ended, and that it was gone', async (t) => {
    const here = scene(t);
    const slow = await openOwnerless(here, `trap '' TERM; echo "ready $$ "; while :; do sleep 1; done`);
    const { wrapper, agent, id } = await openWith(here, [], AGENT);
    await killed(wrapper.pid);
    await waitUntil('its watchdog waits', () => told(here).length === 1);
    const { report } = await reapOnce(here, ['--orphans', 'end']);
    await here.nothingLeftSoon();
    const own = receiptsIn(here).filter((one) => one.id === id);
    assert.deepEqual(
      own.flatMap(({ state, failed }) => (state === 'failed' ? [failed] : [])),
      [],
    );
    assert.ok(own.some(({ ended }) => ended?.some(({ pid }) => pid === agent)));
    assert.equal(own.at(-1)?.state, 'removed');
    assert.ok(report.ended.some((one) => one.id === slow.id));
  });

  test('of `reap --orphans end`, with whom it ended', async (t) => {
    const here = scene(t);
    const { agent, id } = await openOwnerless(here, AGENT);
    await reapOnce(here, ['--orphans', 'end']);
    const [receipt] = receiptsIn(here).filter((one) => one.id === id);
    assert.deepEqual(
      receipt?.ended.map(({ pid }) => pid),
      [agent],
    );
    assert.deepEqual(told(here), ['reaper removed members-ended']);
  });

  test('of who finishes what a dead remover had claimed, unless it is told already', async (t) => {
    const here = scene(t);
    await run(qwRun, ['true'], here.options);
    const [first] = receiptsIn(here);
    const trash = join(here.box.root, '.trash');
    mkdirSync(trash, { recursive: true, mode: 0o700 });
    for (const id of [first?.id ?? '', 'orphan00']) {
      const { dir } = forge(here.box, id, { lease: leaseOf(id) });
      renameSync(dir, join(trash, `${id}.${deadClaim()}`));
    }
    await reapOnce(here);
    here.nothingLeft();
    assert.deepEqual(told(here), ['owner removed', 'reaper removed removal-unfinished']);
    assert.equal(receiptsIn(here).at(-1)?.id, 'orphan00');
  });

  test('of an owner who leaves the removal to others', async (t) => {
    const here = scene(t);
    await run(qwRun, ['--no-wait', 'sh', '-c', 'cd "$TMPDIR"; touch $(seq 1000)'], here.options);
    await here.nothingLeftSoon();
    assert.deepEqual(told(here), ['owner removed']);
  });

  test('of `rm --force` and of the owner: one of them removed it, the other says that it was gone', async (t) => {
    const here = scene(t);
    const { wrapper, id } = await openWith(here, [], AGENT);
    await run(qwTmp, ['rm', '--force', id], here.options);
    await wrapper.done;
    // Either may be faster.
    assert.equal(told(here).filter((text) => /^(rm|owner) removed$/.test(text)).length, 1, told(here).join());
    assert.equal(told(here).filter((text) => text.startsWith('owner ')).length, 1);
  });

  test('of runAgent, with how the agent ended', async (t) => {
    const here = scene(t);
    const agent = await runAgent('sh', ['-c', 'exit 7'], { env: here.options.env });
    await agent.result;
    assert.deepEqual(
      receiptsIn(here).map(({ exit }) => exit),
      [{ code: 7, signal: null }],
    );
  });
});

test('of many sessions each is removed once, however it ends: exit, signal, kill -9 of all, two reapers', async (t) => {
  const here = scene(t);
  const sessions: Awaited<ReturnType<typeof openWith>>[] = [];
  for (let at = 0; at < 9; at += 1)
    sessions.push(await openWith(here, at % 3 === 2 ? ['--no-watchdog'] : [], AGENT));
  await Promise.all(
    sessions.map(async ({ wrapper, agent }, at) => {
      if (at % 3 > 0) await killed(wrapper.pid);
      await killed(agent);
      if (at % 3 === 0) await wrapper.done;
    }),
  );
  await Promise.all([reapOnce(here), reapOnce(here)]);
  await here.nothingLeftSoon();
  const removed = () => receiptsIn(here).filter(({ state }) => state === 'removed');
  await waitUntil('all are told', () => removed().length >= sessions.length);
  assert.deepEqual(
    removed()
      .map(({ id }) => id)
      .sort(),
    sessions.map(({ id }) => id).sort(),
  );
});

describe('no receipt', { concurrency: 2 }, () => {
  test('where QW_LOG=off says so, by nobody', async (t) => {
    const here = scene(t);
    const off = { ...here, options: { ...here.options, env: { ...here.options.env, QW_LOG: 'off' } } };
    await run(qwRun, ['true'], off.options);
    const { wrapper, agent } = await openWith(off, [], AGENT);
    await killed(wrapper.pid);
    await killed(agent);
    await here.nothingLeftSoon();
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    await reapOnce(off);
    assert.ok(!existsSync(logOf(here)));
  });

  test('of what is refused, and of a dry run', async (t) => {
    const here = scene(t);
    const { wrapper, id } = await openWith(here, [], AGENT);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 1);
    await reapOnce(here, ['--dry-run']);
    assert.deepEqual(told(here), []);
    wrapper.child.kill('SIGTERM');
    await wrapper.done;
  });

  test('fails an end: not where nothing can be written, nor what its hearer throws', async (t) => {
    const here = scene(t);
    mkdirSync(logOf(here), { recursive: true });
    const onReceipt = () => {
      throw new Error('its own fault');
    };
    const session = await openSession({ env: here.box.env, onReceipt });
    await agentIn(here, session, 'echo ready; exec sleep 600');
    assert.equal((await session.end()).state, 'removed');
  });
});

test('readReceipts: the newest, or since; what is no limit is refused', async (t) => {
  const here = scene(t);
  const { env } = here.box;
  assert.deepEqual(await readReceipts({ env }), []);
  for (const code of ['1', '2', '3']) await run(qwRun, ['sh', '-c', `exit ${code}`], here.options);
  const codes = async (options: object) =>
    (await readReceipts({ env, ...options })).map((one) => one.kind === 'session' && one.exit?.code);
  assert.deepEqual(await codes({}), [1, 2, 3]);
  assert.deepEqual(await codes({ limit: 2 }), [2, 3]);
  assert.deepEqual(await codes({ limit: 0 }), []);
  assert.deepEqual(await codes({ since: '1h' }), [1, 2, 3]);
  assert.deepEqual(await codes({ since: new Date(Date.now() + 60_000) }), []);
  for (const wrong of [{ limit: -1 }, { limit: 1.5 }, { since: 'yesterday' }, { since: new Date('x') }])
    await assert.rejects(readReceipts({ env, ...wrong }), { code: 'ERR_QW_USAGE' });
});
