// A file system that runs full is cleared up to the target: what nobody used for long, coldest first, at ever shorter ages.
// What is held or fresh stays, however full it is. Real file systems: short of blocks, of inodes, of a quota.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mountWithQuota } from '../helpers/loop-mount.js';
import { outsider } from '../helpers/outsider.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import * as reaping from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const { forge, HOUR, leaseOf, reapOnce } = reaping;
const skip = inPrivateMounts(import.meta.url);
const MIB = 1024 ** 2;
const PASSED = { laterMs: 100 * HOUR };

/** A scene whose root is a tmpfs of its own. */
function onTmpfs(t: TestContext, how: string): Scene {
  const here = mountScene(t);
  mkdirSync(here.box.root);
  mount('-t', 'tmpfs', '-o', `mode=700,${how}`, 'tmpfs', here.box.root);
  return here;
}

/** A session this process owns; gives its TMPDIR. */
function live({ box }: Scene): string {
  const owner = { ...reaping.identityOf(process.pid), ...reaping.realm(), uid: 0 };
  return forge(box, 'living00', { lease: leaseOf('living00', { backend: 'claude', owner }), files: [] })
    .tmpdir;
}

/** A file that was used last so many hours before the pass. */
function aged(path: string, hours: number, megabytes: number): string {
  writeFileSync(path, Buffer.alloc(megabytes * MIB, 1));
  const at = (Date.now() + PASSED.laterMs - hours * HOUR) / 1000;
  utimesSync(path, at, at);
  return path;
}

const percentFree = (dir: string) => {
  const { bavail, blocks } = statfsSync(dir);
  return (100 * bavail) / blocks;
};

test('97 % full: down to the target, nothing held or fresh is lost, each step is told', {
  skip,
}, async (t) => {
  const here = onTmpfs(t, 'size=40m');
  const { root } = here.box;
  const tmpdir = live(here);
  const file = (name: string, hours: number) => aged(join(tmpdir, name), hours, 6);
  const [a80, a30, a7] = [file('a80', 80), file('a30', 30), file('a7', 7)];
  const [held, fresh] = [file('held', 90), file('fresh', 0.5)];
  const ownerless = forge(here.box, 'nolease0', { files: [] });
  aged(join(ownerless.tmpdir, 'f'), 31, 2);
  writeFileSync(join(root, 'somebody elses'), Buffer.alloc(6.8 * MIB, 1));
  await outsider(here, 'file', held);
  aged(held, 90, 6);
  assert.ok(percentFree(root) < 3.1, `${percentFree(root)}`);
  Object.assign(here.options.env, { QW_LOW: '10%', QW_TARGET: '25%' });
  const dry = (await reapOnce(here, ['--dry-run'], PASSED)).report;

  const { report, ids } = await reapOnce(here, [], PASSED);
  assert.deepEqual([report.failed, ids], [[], ['nolease0']]);
  assert.deepEqual(
    report.swept.map(({ path, reason }) => [path, reason]),
    [
      [a80, 'pressure'],
      [a30, 'pressure'],
    ],
  );
  assert.deepEqual(
    [held, fresh, a7].map(existsSync),
    [true, true, true],
    'held, fresh and what was not needed',
  );
  assert.ok(percentFree(root) >= 25, `${percentFree(root)}`);
  const told = report.pressure.map(({ place, cause, ageMs, removed, swept, isEnough }) => [
    ...[place, cause, ageMs / HOUR, removed, swept, isEnough],
  ]);
  assert.deepEqual(told, [
    [root, 'bytes', 72, 0, 1, false],
    [root, 'bytes', 24, 1, 1, true],
  ]);
  assert.deepEqual(
    [dry.swept, dry.removed.map(({ id }) => id)],
    [report.swept, ['nolease0']],
    'as the dry run said',
  );
  assert.equal(report.pressure.at(-1)?.bytesFree, statfsSync(root).bavail * statfsSync(root).bsize);
  assert.deepEqual(
    report.kept.map(({ id }) => id),
    ['living00'],
  );

  here.options.env['QW_LOW'] = '20%';
  assert.deepEqual((await reapOnce(here, [], PASSED)).report.pressure, [], 'above low nothing happens');
  const more = (await reapOnce(here, ['--low', '60%', '--target', '70%'], PASSED)).report;
  assert.deepEqual(
    more.swept.map(({ path }) => path),
    [a7],
  );
  assert.deepEqual(
    more.pressure.map(({ ageMs, isEnough }) => [ageMs / HOUR, isEnough]),
    [[6, false]],
  );
  const last = (await reapOnce(here, ['--low', '60%', '--target', '70%'], PASSED)).report;
  assert.deepEqual(
    [last.swept, last.pressure.map(({ swept, isEnough }) => [swept, isEnough])],
    [[], [[0, false]]],
  );
  assert.deepEqual([held, fresh].map(existsSync), [true, true], 'never');
});

test('a repository of any kind stays, however full it is', { skip }, async (t) => {
  const here = onTmpfs(t, 'size=40m');
  const tmpdir = live(here);
  for (const name of ['.git', '.hg', '.jj', '.svn', '.sl']) {
    mkdirSync(join(tmpdir, `work${name}`, name), { recursive: true });
    aged(join(tmpdir, `work${name}`, name, 'file'), 90, 1);
  }
  for (const name of ['HEAD', 'objects', 'refs']) reaping.put(join(tmpdir, 'bare/deep', name));
  aged(join(tmpdir, 'bare/deep/objects'), 90, 1);
  const cold = aged(join(tmpdir, 'cold'), 90, 1);
  const { report } = await reapOnce(here, ['--low', '99%'], PASSED);
  assert.deepEqual(
    report.swept.map(({ path }) => path),
    [cold],
  );
  assert.ok(report.pressure.some(({ isEnough }) => !isEnough));
});

test('no inodes left: what nobody used goes until there are some', { skip }, async (t) => {
  const here = onTmpfs(t, 'size=40m,nr_inodes=300');
  const tmpdir = live(here);
  for (let number = 0; number < 200; number += 1) aged(join(tmpdir, `f${number}`), 30, 0);
  assert.throws(
    () => {
      for (let number = 0; ; number += 1) writeFileSync(join(here.box.root, `other${number}`), '');
    },
    { code: 'ENOSPC' },
  );
  Object.assign(here.options.env, { QW_LOW: '5%', QW_TARGET: '' });
  const { pressure, swept } = (await reapOnce(here, [], PASSED)).report;
  assert.deepEqual(
    pressure.map(({ cause, ageMs, isEnough }) => [cause, ageMs / HOUR, isEnough]),
    [['inodes', 24, true]],
  );
  assert.ok(swept.length >= 30 && swept.length < 40, `${swept.length}`);
  assert.ok(statfsSync(here.box.root).ffree >= 30);
});

test('a quota used up, with free space to be seen: what nobody used goes, and writing works again', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const mounted = join(here.box.dir, 'm');
  mkdirSync(mounted);
  const reason = mountWithQuota(here.box.dir, mounted);
  if (reason) return t.skip(reason);
  const limited = join(mounted, 'limited');
  const root = join(limited, 'r');
  here.box.root = root;
  Object.assign(here.options.env, { QW_ROOT: root, QW_LOW: '' });
  const tmpdir = live(here);
  const cold = aged(join(tmpdir, 'cold'), 30, 4);
  const fresh = aged(join(tmpdir, 'fresh'), 0.5, 1);
  const fill = `head -c 30000000 /dev/zero > ${limited}/mine; sync -f ${limited}`;
  assert.match(spawnSync('sh', ['-c', fill], { encoding: 'utf8' }).stderr, /quota exceeded/i);
  const { report } = await reapOnce(here, [], PASSED);
  assert.deepEqual([report.failed, report.swept.map(({ path }) => path)], [[], [cold]]);
  assert.deepEqual(
    report.pressure.map(({ cause, swept }) => [cause, swept]),
    [['EDQUOT', 1]],
  );
  writeFileSync(join(tmpdir, 'again'), Buffer.alloc(MIB, 1));
  assert.ok(existsSync(fresh));
});
