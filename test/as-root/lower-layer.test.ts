// A session that lies in a lower layer of an overlay, as in an image made of a container: the kernel refuses to rename its directory
// (EXDEV), so it is removed where it is.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { deadOwner, forge, identityOf, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);

test('an orphan and a stale unit in a lower layer go where they are', { skip }, async (t) => {
  const here = mountScene(t);
  const { box } = here;
  const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(box.dir, name));
  // An overlay does not lie on another one.
  const base = join(box.dir, 'base');
  mkdirSync(base);
  mount('-t', 'tmpfs', 'tmpfs', base);
  const layers = [lower, upper, work].map((dir) => join(base, (dir ?? '').slice(box.dir.length)));
  for (const dir of layers) mkdirSync(dir);
  const [below = '', above = '', workdir = ''] = layers;
  mkdirSync(join(below, 'r'), { mode: 0o700 });
  const image = { root: join(below, 'r') };
  forge(image, 'orphan00', {
    lease: leaseOf('orphan00', { owner: deadOwner() }),
    files: ['a/b/c', ...Array.from({ length: 100 }, (_, n) => `many/${n}`)],
  });
  const owner = { ...identityOf(process.pid), ...realm(), uid: 0 };
  const live = forge(image, 'live0000', {
    lease: leaseOf('live0000', { owner, backend: 'gemini' }),
    files: ['mine'],
  });
  put(join(live.tmpdir, 'gemini-shell-Ab12Cd/bgpids.tmp'));
  const merged = join(box.dir, 'merged');
  mkdirSync(merged);
  mount('-t', 'overlay', '-o', `lowerdir=${below},upperdir=${above},workdir=${workdir}`, 'overlay', merged);
  here.options.env['QW_ROOT'] = join(merged, 'r');
  const { code, report } = await reapOnce(here, ['--root', join(merged, 'r')], { laterMs: 80 * 3_600_000 });
  assert.deepEqual([code, report.failed, report.removed.map(({ id }) => id)], [0, [], ['orphan00']]);
  assert.deepEqual(
    report.swept.map(({ path }) => path),
    [join(merged, 'r/live0000/tmp/gemini-shell-Ab12Cd')],
  );
  assert.ok(existsSync(join(merged, 'r/live0000/tmp/mine')));
  assert.ok(!existsSync(join(merged, 'r/orphan00')));
});
