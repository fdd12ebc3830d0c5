// A reaper died between moving a session away and looking once more: what is in use comes back, or waits, and nothing of it is lost.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UNIT_CLAIM } from '#src/take/claim.js';
import { deadClaim } from '../helpers/claims.js';
import { makeRoot } from '../helpers/make-root.js';
import { outsider } from '../helpers/outsider.js';
import { forge, HOUR, identityOf, killed, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const CLAIM = deadClaim();

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

test('a unit that somebody holds goes back to its place', async (t) => {
  const here = scene(t);
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  const { tmpdir } = forge(here.box, 'live0001', { lease: leaseOf('live0001', { owner }), files: [] });
  const path = put(join(tmpdir, UNIT_CLAIM + CLAIM, 'b1.output'));
  const pid = await outsider(here, 'file', path);
  const later = { laterMs: 80 * HOUR };
  assert.deepEqual((await reapOnce(here, [], later)).report.swept, []);
  assert.deepEqual(readdirSync(tmpdir), ['b1.output']);
  await killed(pid);
});

test('what a remover of units had made before it died, and put nothing in, goes', async (t) => {
  const here = scene(t);
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  const { tmpdir } = forge(here.box, 'live0001', { lease: leaseOf('live0001', { owner }), files: ['mine'] });
  mkdirSync(join(tmpdir, UNIT_CLAIM + CLAIM));
  await reapOnce(here, [], { laterMs: 80 * HOUR });
  assert.deepEqual(readdirSync(tmpdir), ['mine']);
});
