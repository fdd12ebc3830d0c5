// removeSession(): what `qw-tmp rm` does with one session, asked by a program.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { listSessions, QwRunError, removeSession } from 'qw-run';
import { deafSessions } from '../helpers/deaf.js';
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
