// Sessions whose wrapper was SIGKILLed and had no watchdog. Nobody but the reaper ends them: at once when nobody uses them,
// and not before.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { type Holding, outsider, stranger } from '../helpers/outsider.js';
import { repoRoot } from '../helpers/paths.js';
import { isAlive, kill, stateOf } from '../helpers/processes.js';
import { killed, openOwnerless, openWith, put, reapOnce } from '../helpers/reaping.js';
import { readyPid, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';
/** The agent ends; what it started in a session of its own stays. */
const AGENT_WITH_SURVIVOR = 'setsid sleep 600 & echo "ready $! "; exec sleep 600';

test('a session without owner is held while its agent lives, and removed when it is gone, however young', async (t) => {
  const here = scene(t);
  const { id, agent, tmpdir } = await openOwnerless(here, AGENT);
  put(join(tmpdir, 'work'));
  const { report, code } = await reapOnce(here);
  assert.equal(code, 0);
  assert.deepEqual(report.kept, [{ id, state: 'held', reason: 'agent-alive' }]);
  assert.deepEqual(report.removed, []);
  assert.ok(existsSync(join(tmpdir, 'work')));
  assert.ok(isAlive(agent));
  await killed(agent);
  const { report: after } = await reapOnce(here);
  assert.deepEqual(
    after.removed.map(({ id: one, root }) => ({ id: one, root })),
    [{ id, root: here.box.root }],
  );
  assert.ok((after.removed[0]?.entries ?? 0) >= 1 && after.entries >= 1);
  here.nothingLeft();
});

test('a session is held while a process of it survives its agent', async (t) => {
  const here = scene(t);
  const { id, agent: survivor } = await openOwnerless(here, AGENT_WITH_SURVIVOR);
  for (const pid of here.processes()) if (pid !== survivor) await killed(pid);
  const { report } = await reapOnce(here);
  assert.deepEqual(report.kept, [{ id, state: 'held', reason: 'in-use' }]);
  assert.ok(isAlive(survivor), 'it is not ended without --orphans end');
  await killed(survivor);
  assert.deepEqual((await reapOnce(here)).ids, [id]);
  here.nothingLeft();
});

for (const what of ['file', 'cwd', 'socket'] satisfies Holding[]) {
  test(`a session is held while somebody else has a ${what} there, and that one is never ended`, async (t) => {
    const here = scene(t);
    const { id, agent, tmpdir } = await openOwnerless(here, AGENT);
    await killed(agent);
    const path = what === 'cwd' ? tmpdir : join(tmpdir, 'held');
    const holder = await outsider(here, what, path);
    for (const args of [[], ['--orphans', 'end'], ['--max-age', '1h', '--orphans', 'end']]) {
      const { report } = await reapOnce(here, args);
      assert.deepEqual(
        report.kept.map(({ id: one, state }) => ({ id: one, state })),
        [{ id, state: 'held' }],
      );
      assert.notEqual(report.kept[0]?.reason ?? '', '');
      assert.ok(isAlive(holder));
      assert.ok(existsSync(path));
    }
    await killed(holder);
    assert.deepEqual((await reapOnce(here)).ids, [id]);
    here.nothingLeft();
  });
}

test('a session is held while somebody else runs a program that lies in it', async (t) => {
  const here = scene(t);
  const { id, agent, tmpdir } = await openOwnerless(
    here,
    `cp "$(command -v sleep)" "$TMPDIR/mine"; ${AGENT}`,
  );
  await killed(agent);
  const holder = await stranger(here, 'sh', ['-c', `echo ready; exec ${join(tmpdir, 'mine')} 600`]);
  await waitUntil('its exec is done', () => nameOf(holder) === 'mine');
  const { report } = await reapOnce(here);
  assert.deepEqual(report.kept, [{ id, state: 'held', reason: 'in-use' }]);
  await killed(holder);
  assert.deepEqual((await reapOnce(here)).ids, [id]);
});

test('--orphans end ends the agent and what it left behind, then removes the session', async (t) => {
  const here = scene(t);
  const { id, agent: survivor } = await openOwnerless(here, AGENT_WITH_SURVIVOR);
  const { report, code } = await reapOnce(here, ['--orphans', 'end']);
  assert.equal(code, 0);
  assert.deepEqual(
    report.removed.map(({ id: one }) => one),
    [id],
  );
  assert.deepEqual(report.kept, []);
  assert.ok(!isAlive(survivor));
  here.nothingLeft();
});

test('--orphans end with --dry-run ends nobody', async (t) => {
  const here = scene(t);
  const { id, agent } = await openOwnerless(here, AGENT);
  const { report } = await reapOnce(here, ['--orphans', 'end', '--dry-run']);
  assert.ok(isAlive(agent));
  assert.deepEqual(here.box.left(), [id]);
  assert.equal(report.dryRun, true);
  assert.deepEqual(
    report.removed.map(({ id: one, reason }) => [one, reason]),
    [[id, 'members-ended']],
    'it says what a run would do',
  );
  assert.deepEqual(report.kept, []);
  const holder = await outsider(here, 'cwd', join(here.box.root, id, 'tmp'));
  const again = await reapOnce(here, ['--orphans', 'end', '--dry-run']);
  assert.deepEqual(again.report.removed, []);
  assert.deepEqual(again.report.kept, [{ id, state: 'held', reason: 'in-use' }]);
  await killed(holder);
});

test('--orphans end leaves an agent alone that cannot be proven to be one, and its TMPDIR too', async (t) => {
  const here = scene(t);
  const { id, agent } = await openOwnerless(here, `echo "ready $$ "; cd /; exec env -i sleep 600`);
  await waitUntil('it has no TMPDIR', () => readFileSync(`/proc/${agent}/environ`).length === 0);
  const { report, code } = await reapOnce(here, ['--orphans', 'end']);
  assert.equal(code, 0);
  assert.deepEqual(report.kept, [{ id, state: 'held', reason: 'agent-alive' }]);
  assert.ok(isAlive(agent));
  assert.deepEqual(here.box.left(), [id]);
  await killed(agent);
});

test('a session whose owner is stopped is live', async (t) => {
  const here = scene(t);
  const { id, agent, wrapper } = await openWith(here, ['--no-watchdog'], AGENT);
  kill(wrapper.pid, 'SIGSTOP');
  await waitUntil('it is stopped', () => stateOf(wrapper.pid) === 'T');
  for (const laterMs of [0, 200 * 3_600_000]) {
    const { report } = await reapOnce(here, ['--orphans', 'end'], { laterMs });
    assert.deepEqual(report.kept, [{ id, state: 'live', reason: 'owner-alive' }]);
    assert.ok(isAlive(agent));
  }
  kill(wrapper.pid, 'SIGCONT');
  kill(wrapper.pid, 'SIGTERM');
  await wrapper.done;
  here.nothingLeft();
});

test('a session kept on request is never reaped', async (t) => {
  const here = scene(t);
  const wrapper = await openWith(
    here,
    ['--no-watchdog', '--keep'],
    'echo "ready $$ "; echo x > "$TMPDIR/x"; read wait',
  );
  await wrapper.wrapper.done;
  for (const laterMs of [0, 10_000 * 3_600_000]) {
    const { report } = await reapOnce(here, ['--orphans', 'end', '--max-age', '1h'], { laterMs });
    assert.deepEqual(
      report.kept.map(({ id, state }) => ({ id, state })),
      [{ id: wrapper.id, state: 'kept' }],
    );
  }
  assert.ok(existsSync(join(wrapper.tmpdir, 'x')));
});

test('the reason is agent-gone where the owner lives on without its agent', async (t) => {
  const here = scene(t);
  const script = `import { openSession } from 'qw-run';
    import { spawn } from 'node:child_process';
    const session = await openSession({ root: process.env.QW_ROOT });
    const agent = spawn('true', { stdio: 'ignore' });
    session.adopt(agent.pid); // perhaps a zombie already
    agent.on('exit', () => console.log('ready ' + process.pid + ' '));
    setInterval(() => {}, 60000);`;
  const owner = start('--input-type=module', ['-e', script], { ...here.options, cwd: repoRoot });
  const pid = await readyPid(owner.says);
  const { report } = await reapOnce(here);
  assert.deepEqual(
    report.kept.map(({ state, reason }) => ({ state, reason })),
    [{ state: 'live', reason: 'agent-gone' }],
  );
  await killed(pid);
});
