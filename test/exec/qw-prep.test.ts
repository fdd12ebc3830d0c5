// What prepares a start by a plan, by itself: who watches is started also where the lock cannot be made.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { read } from '../helpers/exec.js';
import { qwExec } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

test('a link lies where the lock is to be: it is not followed, and the session is watched without a lock', async (t) => {
  const { box, options } = scene(t);
  mkdirSync(box.root);
  const [elsewhere, told] = ['elsewhere', 'told'].map((name) => join(box.dir, name)) as [string, string];
  symlinkSync(elsewhere, join(box.root, '.lock-1'));
  const session = [box.root, 'abcdefgh', '.lock-1', '{"lease":1', '/bin/mkdir', '-', '4711', '17'];
  const watching = ['/bin/sh', '-c', `echo "$*" >'${told}'`, 'sh', 'words'];
  const args = [join(dirname(qwExec), 'qw-prep.sh'), ...session, ...watching];
  const { status } = spawnSync('/bin/sh', args, { ...options, input: '}\n', encoding: 'utf8' });
  assert.equal(status, 0);
  const dir = join(box.root, 'abcdefgh');
  await waitUntil('it is watched', () => existsSync(told) && read(told) === `words .lock-1 ${dir} 4711 17\n`);
  assert.equal(read(join(dir, 'lease.json')), '{"lease":1}\n');
  assert.equal(read(join(dir, '.probe.4711.0')), '4711\n');
  assert.ok(!existsSync(elsewhere));
});
