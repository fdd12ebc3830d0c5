// What is told of something that could not be removed really helps: a file system that became read-only, files of a rootless container.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { forge, leaseOf, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { giveAll, noUsers, ownedByUser, reapAs, USER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url);

test('on a file system that became read-only the way out is a remount', { skip }, async (t) => {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  mkdirSync(dir);
  mount('-t', 'tmpfs', 'tmpfs', dir);
  const root = join(dir, 'r');
  here.options.env['QW_ROOT'] = root;
  const script = `echo x >"$TMPDIR/x"; mount -o remount,ro "${dir}"; exit 7`;
  const { code, stderr } = await run(qwRun, ['--no-watchdog', 'sh', '-c', script], here.options);
  assert.equal(code, 7);
  assert.match(stderr, new RegExp(`try: sudo mount -o remount,rw ${dir}\\n`));
  mount('-o', 'remount,rw', dir);
  assert.equal((await reapOnce(here, ['--root', root])).ids.length, 1);
});

const SUBORDINATE = 700_000;
const noMaps = () =>
  noUsers() || (spawnSync('newuidmap', []).error ? 'needs newuidmap (package uidmap)' : false);

/** In the namespace of this test file alone: subordinate ids of USER, who has no name. */
function giveIds(): void {
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    const own = join('/run', file.replaceAll('/', '-'));
    copyFileSync(existsSync(file) ? file : '/dev/null', own);
    if (!readFileSync(own, 'utf8').includes(`\n${USER}:`))
      appendFileSync(own, `\n${USER}:${SUBORDINATE}:65536\n`);
    if (!existsSync(file)) appendFileSync(file, '');
    mount('--bind', own, file);
  }
}

test('files of subordinate uids go, as far as the system maps them; else the command that is told does it', {
  skip: skip || noMaps(),
}, async (t) => {
  giveIds();
  const here = scene(t);
  const { tmpdir } = forge(here.box, 'podman00', { lease: leaseOf('podman00') });
  const options = ownedByUser(here);
  put(join(tmpdir, 'layer/etc/file'));
  giveAll(join(tmpdir, 'layer'), SUBORDINATE + 5);
  const { report } = await reapAs(options);
  if (report.failed.length === 0) {
    assert.deepEqual(
      report.removed.map(({ id }) => id),
      ['podman00'],
    );
    return here.nothingLeft();
  }
  assert.match(report.failed[0]?.hint ?? '', /^podman unshare rm -rf .*podman00\.\*$/);
  giveAll(here.box.root, USER);
  assert.equal((await reapAs(options)).code, 0);
});
