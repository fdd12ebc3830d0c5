// A reaper died between moving a session away and looking once more: what is in use comes back, or waits, and nothing of it is lost.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRoot } from '../helpers/make-root.js';
import { outsider } from '../helpers/outsider.js';
import { killed, leaseOf, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const CLAIM = '999999-1-abcdefgh~'; // on trial, by a process that is dead

test('a session in the trash of a dead reaper that somebody holds comes back and is held', async (t) => {
  const here = scene(t);
  const { root } = here.box;
  makeRoot(root);
  const trashed = join(root, `.trash/moved000.${CLAIM}`);
  put(join(trashed, 'lease.json'), JSON.stringify(leaseOf('moved000')));
  const pid = await outsider(here, 'file', put(join(trashed, 'tmp/log')));
  const { report, code } = await reapOnce(here);
  assert.deepEqual([code, report.kept], [0, [{ id: 'moved000', state: 'held', reason: 'in-use' }]]);
  assert.ok(existsSync(join(root, 'moved000/tmp/log')));
  await killed(pid);
  assert.deepEqual((await reapOnce(here)).ids, ['moved000']);
  here.nothingLeft();
});

test('so does one whose process has its TMPDIR where the session was', async (t) => {
  const here = scene(t);
  const { root } = here.box;
  makeRoot(root);
  const trashed = join(root, `.trash/moved000.${CLAIM}`);
  put(join(trashed, 'lease.json'), JSON.stringify(leaseOf('moved000')));
  put(join(trashed, 'tmp/log'));
  here.options.env['TMPDIR'] = join(root, 'moved000/tmp');
  const pid = await outsider(here, 'cwd', '/');
  delete here.options.env['TMPDIR'];
  assert.deepEqual((await reapOnce(here)).ids, []);
  assert.ok(existsSync(join(root, 'moved000/tmp/log')));
  await killed(pid);
  assert.deepEqual((await reapOnce(here)).ids, ['moved000']);
  here.nothingLeft();
});

test('a swept unit that somebody holds waits in the trash: where it was, nobody knows any more', async (t) => {
  const here = scene(t);
  makeRoot(here.box.root);
  const path = put(join(here.box.root, `.trash/b1.output.${CLAIM}`));
  const pid = await outsider(here, 'file', path);
  assert.equal((await reapOnce(here)).code, 0);
  assert.deepEqual(here.box.left().length, 1);
  await killed(pid);
  assert.equal((await reapOnce(here)).code, 0);
  here.nothingLeft();
});
