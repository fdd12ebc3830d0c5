// qw-tmp doctor on real file systems: full ones, used-up quotas, odd mount options, a hidden process table, ageing by systemd.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Diagnosis } from 'qw-run';
import { run } from '../helpers/cli.js';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { LEGACY, leave } from '../helpers/legacy.js';
import { mountWithQuota } from '../helpers/loop-mount.js';
import { qwTmp } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { forge, HOUR, leaseOf, picture, shifted } from '../helpers/reaping.js';
import { OTHER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url);

interface Told extends Diagnosis {
  /** `weight code about` of what is about file systems and their content. */
  told: string[];
  find(code: string): Diagnosis['findings'][number];
}

async function diagnose(
  options: { cwd: string; env: NodeJS.ProcessEnv },
  more: NodeJS.ProcessEnv = {},
): Promise<Told> {
  const env = { ...options.env, QW_REAP: '', ...more };
  const { code, stdout, stderr } = await run(qwTmp, ['doctor', '--json'], { ...options, env });
  assert.equal(stderr, '');
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  assert.equal(code, diagnosis.findings.every(({ weight }) => weight === 'note') ? 0 : 1);
  return {
    ...diagnosis,
    told: diagnosis.findings
      .filter(({ code: kind }) => !/^(hidepid|low|roots-forgotten)$/.test(kind))
      .map(({ weight, code: kind, about }) => `${weight} ${kind} ${about}`),
    find: (kind) =>
      diagnosis.findings.find((one) => one.code === kind) ?? assert.fail(`no ${kind}: ${stdout}`),
  };
}

const fillBytes = (dir: string) => spawnSync('sh', ['-c', `head -c 9000000 /dev/zero > ${dir}/big`]);
const fillInodes = (dir: string) =>
  spawnSync('sh', ['-c', `n=0; while : > ${dir}/f$n; do n=$((n + 1)); done`]);

const MEMORY = 'note in-memory /var/tmp/qw-0';
const full: [what: string, how: string, fill: (dir: string) => void, taken: RegExp][] = [
  ['bytes', 'mode=1777,size=2m', fillBytes, /\/tmp\/big 2\.0 MiB/],
  ['inodes', 'mode=1777,size=2m,nr_inodes=30', fillInodes, /\/tmp\/f\d+ 0 B \(1 entry\)/],
];
for (const [what, how, fill, taken] of full)
  test(`no ${what} are left in /tmp: sessions go elsewhere, agents without us fail`, { skip }, async (t) => {
    const { defaults } = emptyTmp(t, how);
    fill('/tmp');
    const before = picture('/tmp');
    const { told, find, roots, places } = await diagnose(defaults);
    assert.deepEqual(picture('/tmp'), before);
    assert.deepEqual(told, ['warning full /tmp', MEMORY]);
    assert.match(find('full').text, /ENOSPC/);
    assert.match(find('full').text, taken);
    const named = places.find(({ mount: at }) => at === '/tmp')?.largest.map(({ path }) => path) ?? [];
    assert.ok(named.length > 0 && new Set(named).size === named.length, `${named}: each once`);
    assert.deepEqual(
      roots.map(({ state, writeError }) => [state, writeError]),
      [
        ['refused', 'ENOSPC'],
        ['chosen', null],
      ],
    );
    const there = await diagnose(defaults, { QW_ROOT: '/tmp/r' });
    assert.deepEqual(there.told, ['problem full /tmp'], 'a session is refused then');
  });

test('what fills the disk beside a root is named, each once, and nothing of another file system', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const disk = join(here.box.dir, 'disk');
  mkdirSync(disk);
  mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk);
  const root = join(disk, 'r');
  const { tmpdir } = forge({ root }, 'kept0000', {
    lease: leaseOf('kept0000', { kept: { at: new Date() } }),
  });
  writeFileSync(join(tmpdir, 'part'), Buffer.alloc(500_000, 1));
  mkdirSync(join(disk, 'other'));
  mount('-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', join(disk, 'other'));
  writeFileSync(join(disk, 'other/file'), Buffer.alloc(6_000_000, 1));
  fillBytes(disk);
  const { find, places } = await diagnose({ ...here.options, env: { ...here.options.env, QW_ROOT: root } });
  assert.match(find('full').text, new RegExp(`largest of yours: ${disk}/big 3\\.\\d MiB`));
  const largest = places.find(({ mount: at }) => at === disk)?.largest.map(({ path }) => path);
  assert.deepEqual(largest?.slice(0, 2), [join(disk, 'big'), join(root, 'kept0000')]);
  assert.ok(!largest?.includes(root) && !largest?.includes(join(disk, 'other')), `${largest}`);
});

test('a quota that is used up, while statfs shows room', { skip }, async (t) => {
  const here = mountScene(t);
  const mounted = join(here.box.dir, 'm');
  mkdirSync(mounted);
  const reason = mountWithQuota(here.box.dir, mounted);
  if (reason) return t.skip(reason);
  const dir = join(mounted, 'limited');
  spawnSync('sh', ['-c', `head -c 30000000 /dev/zero > ${dir}/mine; sync -f ${dir}`]);
  const { told, find, places } = await diagnose({
    ...here.options,
    env: { ...here.options.env, QW_ROOT: join(dir, 'r') },
  });
  assert.ok(told.includes(`problem full ${dir}`), told.join('\n'));
  assert.match(find('full').text, /your disk quota is used up \(EDQUOT\).*mine/);
  const place = places.find(({ dir: at }) => at === dir);
  assert.ok((place?.bytes?.free ?? 0) > 50_000_000, 'free for others');
});

test('a tmpfs with a quota per user comes last, and is told where it is all there is', {
  skip,
}, async (t) => {
  const probe = spawnSync('mount', ['-t', 'tmpfs', '-o', 'usrquota', 'tmpfs', '/mnt'], { encoding: 'utf8' });
  if (probe.status !== 0) return t.skip(`this kernel has no tmpfs quota (${probe.stderr.split('\n')[0]})`);
  spawnSync('umount', ['/mnt']);
  const { defaults } = emptyTmp(t, 'mode=1777,usrquota');
  const { roots, places } = await diagnose(defaults);
  assert.deepEqual(
    roots.map(({ path }) => path),
    ['/var/tmp/qw-0', '/tmp/qw-0'],
  );
  assert.equal(places.find(({ mount: at }) => at === '/tmp')?.hasUserQuota, true);
  const { find } = await diagnose(defaults, { QW_ROOT: '/tmp/qw-0' });
  assert.equal(find('user-quota').weight, 'warning');
});

const odd: [what: string, prepare: (here: EmptyTmp) => void, expected: string[], command: string][] = [
  [
    'noatime',
    () => mount('-o', 'remount,noatime', '/tmp'),
    ['note noatime /tmp', 'note in-memory /tmp/qw-0'],
    'sudo mount -o remount,relatime /tmp',
  ],
  [
    'read-only',
    () => mount('-o', 'remount,ro', '/tmp'),
    ['note root-refused /tmp/qw-0', MEMORY],
    'export QW_ROOT=/var/tmp/qw-0',
  ],
  [
    'another user’s directory in the place of ours',
    () => {
      mkdirSync('/tmp/qw-0', { mode: 0o700 });
      chownSync('/tmp/qw-0', OTHER, OTHER);
    },
    ['warning root-refused /tmp/qw-0', MEMORY],
    'export QW_ROOT=/var/tmp/qw-0',
  ],
];
for (const [what, prepare, expected, command] of odd)
  test(`${what}: told, with a way out`, { skip }, async (t) => {
    const here = emptyTmp(t);
    prepare(here);
    const { told, findings } = await diagnose(here.defaults);
    mount('-o', 'remount,rw,relatime', '/tmp');
    assert.deepEqual(told.sort(), expected.sort());
    assert.ok(
      findings.some((one) => one.command === command),
      JSON.stringify(findings),
    );
  });

test('a hidden process table is told', { skip }, async (t) => {
  const { defaults } = emptyTmp(t);
  mount('-t', 'proc', '-o', 'hidepid=2', 'proc', '/proc');
  t.after(() => spawnSync('umount', ['--lazy', '/proc']));
  const { machine, find } = await diagnose(defaults);
  assert.match(machine.procfs.hidepid ?? '', /^(2|invisible)$/);
  assert.equal(find('hidepid').weight, 'note');
});

test('what agents left: sizes, makers, what of it is stale, and nothing is changed', { skip }, async (t) => {
  const { defaults } = emptyTmp(t);
  for (const entry of Object.keys(LEGACY)) leave(entry);
  const days = shifted({ laterMs: 80 * HOUR });
  const before = picture('/tmp');
  const young = await diagnose(defaults);
  const old = await diagnose(defaults, days);
  assert.deepEqual(picture('/tmp'), before);
  assert.deepEqual(young.told, ['note in-memory /tmp/qw-0']);
  assert.equal(
    old.legacy.reduce((sum, { stale }) => sum + stale.count, 0),
    Object.keys(LEGACY).length,
  );
  assert.ok(old.legacy.every(({ maker }) => /Claude|Gemini|opencode/.test(maker)));
  const { command } = old.find('legacy');
  assert.equal(command, 'qw-tmp reap --legacy');
  await run(qwTmp, ['reap', '--legacy'], { ...defaults, env: { ...defaults.env, ...days } });
  assert.equal(
    (await diagnose(defaults, days)).findings.find(({ code }) => code === 'legacy'),
    undefined,
  );
});

test('a clock that was set back is told by the session whose age it decides', { skip }, async (t) => {
  const { box, defaults } = emptyTmp(t);
  const tmp = { ...box, root: '/tmp/qw-0' };
  forge(tmp, 'nolease0');
  forge(tmp, 'orphan00', { lease: leaseOf('orphan00') });
  const { findings } = await diagnose(defaults, shifted({ jumpMs: -10 * HOUR }));
  const future = findings.filter(({ code }) => code === 'from-future');
  assert.deepEqual(
    future.map(({ weight, about }) => `${weight} ${about}`),
    ['warning nolease0', 'note orphan00'],
  );
});

test('all of it reads on two screens', { skip }, async (t) => {
  const { defaults } = emptyTmp(t);
  for (const entry of Object.keys(LEGACY)) leave(entry);
  const { stdout } = await run(qwTmp, ['doctor'], defaults);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length <= 48, `${lines.length} lines`);
  assert.ok(
    lines.every((line) => line.length <= 100),
    stdout,
  );
});
