// What agents left in /tmp without us and might still be wanted: read or written lately, held, with a socket, a lock, a
// repository or a mount in it, linked, somebody else's. All of it stays.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CWD, leave, left, legacy, SESSION, SHELL, UUID } from '../helpers/legacy.js';
import { outsider } from '../helpers/outsider.js';
import { inPrivateMounts, mount } from '../helpers/private-mounts.js';
import { killed, put } from '../helpers/reaping.js';
import { giveAll, OTHER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url);

test('one file read or written lately deep below keeps the whole unit', { skip }, async (t) => {
  const { reap } = legacy(t);
  const soon = Date.now() / 1_000 + 79 * 3_600;
  for (const [name, atime, mtime] of [
    ['read', soon, 1_000],
    ['written', 1_000, soon],
  ] as const) {
    const session = `claude-0/${name}/${UUID}`;
    put(join('/tmp', session, 'a/old'));
    utimesSync(put(join('/tmp', session, 'a/b/c/fresh')), atime, mtime);
  }
  leave(SHELL);
  assert.deepEqual((await reap(['--legacy'])).swept, [SHELL]);
});

test('what somebody holds stays until they let go', { skip }, async (t) => {
  const { here, reap } = legacy(t);
  const file = join(leave(SESSION), 'tasks/b1.output');
  const holders = [
    await outsider(here, 'file', file),
    await outsider(here, 'cwd', leave(SHELL)),
    await outsider(here, 'file', leave(CWD)),
  ];
  assert.deepEqual((await reap(['--legacy'])).swept, []);
  for (const pid of holders) await killed(pid);
  assert.equal((await reap(['--legacy'])).swept.length, 3);
});

test('a unit with a socket, a lock, a repository or a mount in it stays', { skip }, async (t) => {
  const { here, reap } = legacy(t);
  const units = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) =>
    leave(`claude-0/${name}/${UUID}`, 'tasks/b1.output'),
  );
  const [socket = '', lock = '', repository = '', mounted = '', fifo = '', hg = '', bare = ''] = units;
  await killed(await outsider(here, 'socket', join(socket, 's')));
  assert.ok(lstatSync(join(socket, 's')).isSocket(), 'nobody listens');
  spawnSync('mkfifo', [join(fifo, 'f')]);
  put(join(lock, 'deep/.lock'));
  put(join(repository, 'deep/.git/config'));
  put(join(hg, 'deep/.hg/requires'));
  for (const name of ['HEAD', 'objects/x', 'refs/x']) put(join(bare, 'deep', name));
  mkdirSync(join(mounted, 'm'));
  mount('-t', 'tmpfs', 'tmpfs', join(mounted, 'm'));
  assert.deepEqual((await reap(['--legacy'])).swept, [`claude-0/h/${UUID}`]);
});

test("links are not followed, and what is another user's is left", { skip }, async (t) => {
  const { reap } = legacy(t);
  const outside = ['/var/tmp/victim', `/var/tmp/claude/p/${UUID}/file`].map((path) => put(path));
  symlinkSync('/var/tmp/claude', '/tmp/claude-0');
  symlinkSync('/var/tmp/victim', '/tmp/claude-abcd-cwd');
  mkdirSync('/tmp/gemini-shell-linked');
  symlinkSync('/var/tmp/victim', '/tmp/gemini-shell-linked/bgpids.tmp');
  for (const entry of [CWD, SHELL]) giveAll(leave(entry), OTHER);
  const { code, swept } = await reap(['--legacy']);
  assert.equal(code, 0);
  assert.deepEqual(swept, []);
  for (const path of outside) assert.equal(readFileSync(path, 'utf8'), 'content');
  assert.deepEqual(left([CWD, SHELL, 'claude-0']), [CWD, SHELL, 'claude-0']);
});

test('a link in a unit goes with it, and what it leads to stays', { skip }, async (t) => {
  const { reap } = legacy(t);
  const victim = put('/var/tmp/linked/file');
  symlinkSync('/var/tmp/linked', join(leave(SESSION), 'out'));
  assert.deepEqual((await reap(['--legacy'])).swept, [SESSION]);
  assert.equal(readFileSync(victim, 'utf8'), 'content');
});
