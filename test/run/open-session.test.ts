// What openSession gives to somebody who spawns the agent himself: a directory, its lease, an environment, arguments.
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { OpenSessionOptions } from 'qw-run';
import { agentIn, leaseIn, opened } from '../helpers/opened.js';
import { identityOf, realm } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const mode = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);

describe('a session that was opened', { concurrency: 2 }, () => {
  test('is a directory of its own, for nobody else', async (t) => {
    const here = scene(t);
    const { id, root, dir, tmpdir } = await opened(t, here);
    assert.match(id, /^[a-z0-9]{8}$/);
    assert.deepEqual(
      { root, dir, tmpdir },
      { root: here.box.root, dir: join(root, id), tmpdir: join(dir, 'tmp') },
    );
    assert.equal(realpathSync(tmpdir), tmpdir);
    assert.ok(Buffer.byteLength(tmpdir) <= 48);
    assert.deepEqual([root, dir, tmpdir, join(dir, 'lease.json')].map(mode), ['700', '700', '700', '600']);
    assert.deepEqual(readdirSync(dir).sort(), ['lease.json', 'tmp']);
    assert.deepEqual(readdirSync(tmpdir), []);
  });

  test('is told apart from every other one', async (t) => {
    const here = scene(t);
    const sessions = await Promise.all(Array.from({ length: 20 }, () => opened(t, here)));
    assert.equal(new Set(sessions.map(({ tmpdir }) => tmpdir)).size, 20);
    assert.deepEqual(here.box.left().sort(), sessions.map(({ id }) => id).sort());
    await Promise.all(sessions.map((session) => session.end()));
    here.nothingLeft();
  });

  test('has a lease that names its owner, and its agent from adopt() on', async (t) => {
    const here = scene(t);
    const asked = { label: 'tab 1', command: ['claude', '-p', 'hi'], cwd: '/usr' };
    const session = await opened(t, here, asked);
    const { createdAt, bootedAt, owner, lock, ...lease } = leaseIn(session);
    assert.deepEqual(lease, { version: 1, id: session.id, backend: 'claude', ...asked });
    assert.ok(Math.abs(Date.now() - Date.parse(createdAt as string)) < 60_000);
    assert.deepEqual(owner, { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() });
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600');
    assert.deepEqual(leaseIn(session), {
      ...lease,
      ...{ createdAt, bootedAt, owner, lock },
      agent: identityOf(pid),
    });
    assert.equal(mode(join(session.dir, 'lease.json')), '600');
  });

  test('has the later of two adopted processes as its agent', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    await agentIn(here, session, 'echo ready; exec sleep 600');
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600');
    assert.deepEqual(leaseIn(session)['agent'], identityOf(pid));
    assert.equal((await session.end()).ended.length, 2, 'both are of the session');
    here.nothingLeft();
  });

  test('names the session it runs inside as its parent, and lies beside it', async (t) => {
    const here = scene(t);
    const outer = await opened(t, here);
    const inner = await opened(t, here, { env: outer.env(here.box.env) });
    assert.equal(leaseIn(inner)['parent'], outer.id);
    assert.equal(inner.root, outer.root);
    assert.equal(leaseIn(outer)['parent'], undefined);
  });
});

describe('session.env()', () => {
  test('is a copy with ours set and the harmful ones removed', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const base = {
      PATH: '/bin',
      EMPTY: '',
      NONE: undefined,
      TMPDIR: '/else',
      TMP: '/else',
      TEMP: '/else',
      QW_SESSION: 'another0',
      QW_ROOT: '/else',
      CLAUDE_CODE_TMPDIR: '/else',
      CLAUDE_TMPDIR: '/else',
    };
    const before = { ...base };
    const { id, root, tmpdir } = session;
    const ours = { TMPDIR: tmpdir, TMP: tmpdir, TEMP: tmpdir, QW_SESSION: id, QW_ROOT: root };
    assert.deepEqual(session.env(base), { PATH: '/bin', EMPTY: '', ...ours });
    assert.deepEqual(base, before);
  });

  test('starts from process.env, which stays as it is', async (t) => {
    const session = await opened(t, scene(t));
    const before = { ...process.env };
    const env = session.env();
    assert.equal(env['PATH'], process.env['PATH']);
    assert.equal(env['TMPDIR'], session.tmpdir);
    assert.deepEqual({ ...process.env }, before);
    env['PATH'] = 'changed';
    assert.notEqual(session.env()['PATH'], 'changed');
  });
});

describe('the backend', { concurrency: 2 }, () => {
  const table: [options: OpenSessionOptions, backend: string][] = [
    [{}, 'generic'],
    [{ command: ['sh', '-c', 'true'] }, 'generic'],
    [{ command: ['claude'] }, 'claude'],
    [{ command: ['/usr/local/bin/claude', '-p', 'hi'] }, 'claude'],
    [{ command: ['codex', 'exec'] }, 'codex'],
    [{ command: ['gemini'] }, 'gemini'],
    [{ command: ['claude'], backend: 'auto' }, 'claude'],
    [{ command: ['claude'], backend: 'generic' }, 'generic'],
    [{ command: ['sh'], backend: 'gemini' }, 'gemini'],
  ];
  for (const [options, backend] of table) {
    test(`of ${JSON.stringify(options)} is ${backend}`, async (t) => {
      const session = await opened(t, scene(t), { ...options, watchdog: false });
      assert.equal(session.backend, backend);
      assert.equal(leaseIn(session)['backend'], backend);
      const noRelaunch = session.env({})['GEMINI_CLI_NO_RELAUNCH'];
      assert.equal(noRelaunch, backend === 'gemini' ? 'true' : undefined);
      const args = ['-p', 'hi there', ''];
      const given = session.args('claude', args);
      assert.deepEqual(given, args);
      assert.notEqual(given, args, 'a copy');
    });
  }
});
