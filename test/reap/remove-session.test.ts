// removeSession(): what `qw-tmp rm` does with one session, asked by a program.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { listSessions, QwRunError, readReceipts, removeSession } from 'qw-run';
import { deafSessions } from '../helpers/deaf.js';
import { gitScene, noGit } from '../helpers/git.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { agentIn, opened } from '../helpers/opened.js';
import { outsider } from '../helpers/outsider.js';
import { isAlive } from '../helpers/processes.js';
import { deadOwner, forge, killed, leaseOf, openOwnerless, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

describe('removeSession()', { concurrency: 2 }, () => {
  test('what nobody owns or uses goes, also on request kept; a list knows it at once', async (t) => {
    const here = scene(t);
    const { env } = here.box;
    forge(here.box, 'dead1234', { lease: leaseOf('dead1234', { owner: deadOwner() }) });
    const kept = await opened(t, here);
    await kept.end({ keep: true });
    assert.equal((await listSessions({ env })).sessions.length, 2);
    for (const id of ['dead1234', kept.id]) {
      const report = await removeSession(id, { env });
      assert.deepEqual(report, { version: 1, removed: [id], ended: [], work: [], kept: [], failed: [] });
    }
    assert.deepEqual((await listSessions({ env })).sessions, []);
    here.nothingLeft();
  });

  test('what lives is kept, with the reason; `force` ends its processes first', async (t) => {
    const here = scene(t);
    const { env } = here.box;
    const { id, agent } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    await waitUntil('its exec is done', () => nameOf(agent) === 'sleep');
    const { removed, kept } = await removeSession(id, { env });
    assert.deepEqual([removed, kept.map((one) => one.id)], [[], [id]]);
    assert.match(kept[0]?.reason ?? '', /in use by sleep/);
    assert.ok(isAlive(agent));
    const report = await removeSession(id, { env, force: true });
    assert.deepEqual([report.removed, report.ended.map(({ pid }) => pid)], [[id], [agent]]);
    here.nothingLeft();
  });

  test('what is forced tells which worktrees went: of one in use nobody had looked for them', {
    skip: noGit(),
  }, async (t) => {
    const here = scene(t);
    const { env } = here.box;
    const { git, home, repository } = gitScene(t);
    const { id, agent, tmpdir } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    const path = join(tmpdir, 'fix');
    git(repository(join(home, 'repo')), 'worktree', 'add', '-q', '-b', 'fix', path);
    put(join(path, 'new'));
    const report = await removeSession(id, { env, force: true });
    assert.deepEqual([report.removed, report.ended.map(({ pid }) => pid)], [[id], [agent]]);
    const told = report.work.map((work) => [work.path, work.kind, work.branch, work.repository]);
    assert.deepEqual(told, [[path, 'worktree', 'fix', join(home, 'repo')]]);
    const receipts = await readReceipts({ env });
    const ends = receipts.filter((one) => one.kind === 'session' && one.id === id && one.by === 'rm');
    assert.deepEqual(
      ends.map((one) => 'work' in one && one.work),
      [report.work],
    );
    here.nothingLeft();
  });

  test('so does the removal of one kept on request', {
    skip: noGit(),
  }, async (t) => {
    const here = scene(t);
    const { env } = here.box;
    const { git, home, repository } = gitScene(t);
    const kept = await opened(t, here);
    const path = join(kept.tmpdir, 'fix');
    git(repository(join(home, 'repo')), 'worktree', 'add', '-q', '-b', 'fix', path);
    await kept.end({ keep: true });
    const { removed, work } = await removeSession(kept.id, { env });
    assert.deepEqual([removed, work.map((one) => one.path)], [[kept.id], [path]]);
    here.nothingLeft();
  });

  test('also one of this process: its end finds it gone', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600');
    const report = await removeSession(session.id, { env: here.box.env, force: true });
    assert.deepEqual([report.removed, report.ended.map((one) => one.pid)], [[session.id], [pid]]);
    const { state, isGone } = await session.end();
    assert.deepEqual([state, isGone], ['removed', true]);
    here.nothingLeft();
  });

  test('never what somebody else uses, whatever is forced', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'dead1234', { lease: leaseOf('dead1234', { owner: deadOwner() }) });
    const path = put(`${tmpdir}/file`);
    const pid = await outsider(here, 'file', path);
    const { removed, kept } = await removeSession('dead1234', { env: here.box.env, force: true });
    assert.deepEqual([removed, kept.map(({ id, state }) => [id, state])], [[], [['dead1234', 'held']]]);
    assert.ok(isAlive(pid) && existsSync(path));
    await killed(pid);
  });

  test('several at once, of agents that ignore SIGTERM: all are asked before one is killed', async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, 3);
    const all = await Promise.all(
      deaf.ids.map((id) => removeSession(id, { env: here.box.env, force: true })),
    );
    assert.deepEqual(all.flatMap(({ removed }) => removed).sort(), deaf.ids);
    assert.deepEqual(deaf.asked(), ['all', 'all', 'all']);
    here.nothingLeft();
  });

  test('one that is not there is told; what is no id is refused', async (t) => {
    const here = scene(t);
    const { env } = here.box;
    const { failed } = await removeSession('abcd1234', { env });
    assert.match(failed[0]?.reason ?? '', /no such session/);
    for (const id of ['', '..', '../x', 'label', undefined, 5])
      await assert.rejects(removeSession(id as string, { env }), (error: QwRunError) => {
        assert.ok(error instanceof QwRunError);
        return error.code === 'ERR_QW_USAGE';
      });
  });
});
