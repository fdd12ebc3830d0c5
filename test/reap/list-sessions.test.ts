// listSessions gives what `qw-tmp list --json` prints: every session of every state, with all fields the contract names.
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { listSessions, type SessionInfo, type SessionList } from 'qw-run';
import { run } from '../helpers/cli.js';
import { agentIn, leaseIn, opened } from '../helpers/opened.js';
import { qwTmp } from '../helpers/paths.js';
import { deadOwner, forge, HOUR, identityOf, leaseOf, put, realm } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const isTime = (text: string | null) => text !== null && new Date(Date.parse(text)).toISOString() === text;

/** Made so many hours ago; its owner was last seen then: programs that are starting right now cannot be of it. */
function aged({ box }: Scene, id: string, hours: number, more: Record<string, unknown> = {}): void {
  const at = new Date(Date.now() - hours * HOUR);
  const { dir } = forge(box, id, { lease: leaseOf(id, { createdAt: at.toISOString(), ...more }) });
  utimesSync(join(dir, 'lease.json'), at, at);
}

describe('listSessions', { concurrency: 2 }, () => {
  test('where there is nothing: no root, no session', async (t) => {
    const { box } = scene(t);
    assert.deepEqual(await listSessions({ env: box.env }), {
      ...{ version: 1, roots: [], sessions: [], headroom: [], unseen: [], lately: [] },
    });
    await opened(t, scene(t)); // another root is none of ours
    const { sessions } = await listSessions({ env: box.env });
    assert.deepEqual(sessions, []);
  });

  test('tells all there is to know about a live session', async (t) => {
    const here = scene(t);
    const command = ['sh', '-c', 'true'];
    const session = await opened(t, here, { label: 'tab 1', command });
    put(join(session.tmpdir, 'some/file'), 'x'.repeat(100_000));
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600');
    const { version, roots, sessions } = await listSessions({ env: here.box.env });
    assert.deepEqual({ version, roots }, { version: 1, roots: [session.root] });
    assert.equal(sessions.length, 1);
    const [info] = sessions as [SessionInfo];
    const { createdAt, lastActivity, bytes, entries, holders, ...rest } = info;
    const { id, root, dir, tmpdir } = session;
    assert.deepEqual(rest, {
      ...{ id, label: 'tab 1', backend: 'generic', state: 'live', reason: 'owner-alive' },
      ...{ root, dir, tmpdir, command },
      owner: { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() },
      agent: identityOf(pid),
      isolate: null,
      growthPerMinute: null,
      work: [],
    });
    assert.equal(createdAt, leaseIn(session)['createdAt']);
    assert.ok(isTime(createdAt) && isTime(lastActivity));
    assert.ok(bytes >= 100_000 && bytes < 200_000, String(bytes));
    assert.ok(entries >= 2 && entries <= 5, String(entries));
    assert.deepEqual(
      holders.map((holder) => [holder.pid, holder.why]),
      [[pid, 'member']],
    );
    for (const { name, holds } of holders)
      assert.deepEqual([typeof name, Array.isArray(holds)], ['string', true]);
  });

  test('names every state, oldest first, with null for what is not known', async (t) => {
    const here = scene(t);
    aged(here, 'orphan00', 3, { label: 'old' });
    aged(here, 'kept0000', 2, { kept: { at: new Date().toISOString() } });
    aged(here, 'foreign0', 1, { owner: { ...deadOwner(), host: 'elsewhere', bootId: 'another' } });
    forge(here.box, 'nolease0');
    forge(here.box, 'NotAnId');
    const { id } = await opened(t, here);
    const { sessions } = await listSessions({ env: here.box.env });
    assert.deepEqual(
      sessions.map((session) => [session.id, session.state]),
      [
        ['nolease0', 'unknown'],
        ['orphan00', 'orphan'],
        ['kept0000', 'kept'],
        ['foreign0', 'foreign'],
        [id, 'live'],
      ],
    );
    for (const { reason } of sessions) assert.match(reason, /^[a-z]+[a-z -]+$/);
    const [{ label, backend, command, owner, agent, createdAt } = {} as SessionInfo] = sessions;
    assert.deepEqual(
      { label, backend, command, owner, agent, createdAt },
      { label: null, backend: null, command: [], owner: null, agent: null, createdAt: null },
    );
    assert.deepEqual(
      sessions.map((session) => Object.keys(session)),
      sessions.map(() => FIELDS.split(' ')),
    );
  });

  test('is what qw-tmp list --json prints', async (t) => {
    const here = scene(t);
    aged(here, 'orphan00', 3);
    await opened(t, here, { label: 'tab' });
    const { code, stdout, stderr } = await run(qwTmp, ['list', '--json'], here.options);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    // What is free is another figure at every look.
    const still = ({ headroom, ...list }: SessionList) => ({ ...list, free: headroom.map(Object.keys) });
    assert.deepEqual(still(JSON.parse(stdout)), still(await listSessions({ env: here.box.env })));
  });

  test('looks at one root when it is named, and refuses one that is not safe', async (t) => {
    const here = scene(t);
    const other = join(here.box.dir, 'o');
    const [first, second] = [await opened(t, here), await opened(t, here, { root: other })];
    const idsIn = async (root?: string) => {
      const { roots, sessions } = await listSessions({ env: here.box.env, root });
      return { roots, ids: sessions.map(({ id }) => id) };
    };
    assert.deepEqual(await idsIn(other), { roots: [other], ids: [second.id] });
    assert.deepEqual(await idsIn(here.box.root), { roots: [here.box.root], ids: [first.id] });
    assert.deepEqual((await idsIn()).ids.sort(), [first.id, second.id].sort(), 'noted roots too');
    await assert.rejects(idsIn(here.box.cwd), { name: 'QwRunError', code: 'ERR_QW_ROOT_UNSAFE' });
  });
});

const FIELDS =
  'id label backend state reason root dir tmpdir command owner agent isolate createdAt lastActivity bytes entries growthPerMinute holders work';
