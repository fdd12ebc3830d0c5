// A session that lies in a lower layer of an overlay, as in an image made of a container: the kernel refuses to rename its directory
// (EXDEV), so it is removed where it is.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { deadOwner, forge, identityOf, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const skip = inPrivateMounts(import.meta.url);

/** An overlay does not lie on another one: its layers are on a tmpfs. */
function layers(here: Scene): {
  lower: string;
  merged: string;
  stack(options?: string): void;
} {
  const base = join(here.box.dir, 'base');
  mkdirSync(base);
  mount('-t', 'tmpfs', 'tmpfs', base);
  const [lower = '', upper = '', work = ''] = ['l', 'u', 'w'].map((name) => join(base, name));
  const merged = join(here.box.dir, 'merged');
  for (const dir of [lower, upper, work, merged]) mkdirSync(dir);
  mkdirSync(join(lower, 'r'), { mode: 0o700 });
  here.options.env['QW_ROOT'] = join(merged, 'r');
  const stack = (more = '') =>
    mount(
      '-t',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${work}${more}`,
      'overlay',
      merged,
    );
  return { lower, merged, stack };
}

test('an orphan and a stale unit in a lower layer go where they are', { skip }, async (t) => {
  const here = mountScene(t);
  const { lower, merged, stack } = layers(here);
  const image = { root: join(lower, 'r') };
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
  stack();
  const { code, report } = await reapOnce(here, ['--root', join(merged, 'r')], { laterMs: 80 * 3_600_000 });
  assert.deepEqual([code, report.failed, report.removed.map(({ id }) => id)], [0, [], ['orphan00']]);
  assert.deepEqual(
    report.swept.map(({ path }) => path),
    [join(merged, 'r/live0000/tmp/gemini-shell-Ab12Cd')],
  );
  assert.ok(existsSync(join(merged, 'r/live0000/tmp/mine')));
  assert.ok(!existsSync(join(merged, 'r/orphan00')));
});

/** The kernel's own ways to rename what lies below, and not to: `off` refuses, `on` records where it came from. */
for (const redirect of ['off', 'on'])
  test(`whiteouts, opaque directories and thousands of files go, redirect_dir=${redirect}`, {
    skip,
  }, async (t) => {
    const here = mountScene(t);
    const { lower, merged, stack } = layers(here);
    const many = (where: string) => Array.from({ length: 2_000 }, (_, n) => `${where}/${n % 20}/${n}`);
    const made = forge({ root: join(lower, 'r') }, 'orphan00', {
      lease: leaseOf('orphan00'),
      files: [...many('many'), 'gone/file', 'again/file', 'closed/file', 'linked/file'],
    });
    chmodSync(join(made.tmpdir, 'closed'), 0o500);
    put(join(lower, 'outside/file'));
    stack(`,redirect_dir=${redirect}`);
    const tmpdir = join(merged, 'r/orphan00/tmp');
    rmSync(join(tmpdir, 'gone/file')); // a whiteout
    rmSync(join(tmpdir, 'again'), { recursive: true });
    put(join(tmpdir, 'again/other')); // opaque
    symlinkSync('../../../outside', join(tmpdir, 'linked/link'));
    for (const file of many('more').slice(0, 200)) put(join(tmpdir, file));
    const { code, report } = await reapOnce(here, ['--root', join(merged, 'r')]);
    assert.deepEqual([code, report.failed, report.removed.map(({ id }) => id)], [0, [], ['orphan00']]);
    assert.deepEqual(
      readdirSync(join(merged, 'r')).filter((name) => !name.startsWith('.')),
      [],
    );
    assert.deepEqual(readdirSync(join(merged, 'r/.trash')), []);
    assert.ok(existsSync(join(merged, 'outside/file')));
    assert.ok(existsSync(join(made.tmpdir, 'many/0/0')), 'the image is what it was');
  });

test('a session on an overlay opens, is ended and leaves nothing', { skip }, async (t) => {
  const here = mountScene(t);
  const { lower, merged, stack } = layers(here);
  makeRoot(join(lower, 'r'));
  stack();
  const script = 'mkdir -p "$TMPDIR/a/b"; for n in $(seq 300); do : > "$TMPDIR/a/b/$n"; done; exit 7';
  const { code, stderr } = await run(qwRun, ['--no-watchdog', '--', 'sh', '-c', script], here.options);
  assert.deepEqual([code, stderr], [7, '']);
  assert.deepEqual(
    readdirSync(join(merged, 'r')).filter((name) => !name.startsWith('.')),
    [],
  );
});
