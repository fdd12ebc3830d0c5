// A full file system is noticed by a write, made room on by reaping what is dead, and told: at the start with who uses the
// space, at the end of a session that lived through it. Also a user's quota, which statfs(2) does not show.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { QwRunError } from 'qw-run';
import { noSpace } from '#src/run/no-space.js';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { mountWithQuota } from '../helpers/quota-mount.js';
import { forge, leaseOf, put } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const skip = inPrivateMounts(import.meta.url);

/** A directory of `megabytes` on a tmpfs of its own, the root of the scene one level below. */
function small(t: TestContext, megabytes: number, more = ''): { here: Scene; dir: string; root: string } {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  tmpfs(dir, `size=${megabytes}m${more}`);
  const root = join(dir, 'r');
  here.options.env['QW_ROOT'] = root;
  return { here, dir, root };
}

const tmpfs = (dir: string, limits: string) => {
  mkdirSync(dir);
  mount('-t', 'tmpfs', '-o', `mode=755,${limits}`, 'tmpfs', dir);
};

/** Before: what a plain command of an agent gets there. */
function plainly(dir: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', ['-c', 'echo x > "$1/file" && mktemp -p "$1"', 'sh', dir], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  rmSync(join(dir, 'file'), { force: true });
  return { status, stderr };
}

/** With us: what the user reads. */
async function refused({ options }: Scene, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...options.env, ...ON, ...more };
  const { code, stdout, stderr } = await run(qwRun, ['echo', 'ran'], { ...options, env });
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /^qw-run: no session can be opened: on [^\n]+\n$/);
  return stderr;
}

const big = (path: string, megabytes: number) =>
  writeFileSync(path, Buffer.alloc(megabytes * 1024 * 1024, 1));
const ON = { QW_REAP: '' };
const FILL = 'head -c 9000000 /dev/zero > "$TMPDIR/big" 2>/dev/null';

test('what dead sessions left is reaped when there is no room for a new one', { skip }, async (t) => {
  const { here, root } = small(t, 2);
  const { tmpdir, dir } = forge({ ...here.box, root }, 'dead1234', { lease: leaseOf('dead1234'), files: [] });
  assert.throws(() => big(join(tmpdir, 'big'), 3), { code: 'ENOSPC' });
  const off = await run(qwRun, ['echo', 'ran'], here.options);
  assert.deepEqual([off.code, off.stdout], [125, ''], 'QW_REAP=off');
  const { code, stdout, stderr } = await run(qwRun, ['echo', 'ran'], {
    ...here.options,
    env: { ...here.options.env, ...ON },
  });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'ran\n', stderr: '' });
  assert.ok(!existsSync(dir));
});

test('where nothing can be reaped: 125, the file system, who uses it, what frees it, and nothing is left', {
  skip,
}, async (t) => {
  const { here, dir, root } = small(t, 4);
  mkdirSync(join(dir, 'claude-0/project'), { recursive: true });
  big(join(dir, 'claude-0/project/output'), 2);
  big(join(dir, 'small'), 1);
  assert.throws(() => big(join(dir, 'rest'), 2), { code: 'ENOSPC' });
  const before = plainly(dir);
  assert.notEqual(before.status, 0);
  assert.match(before.stderr, /^sh: 1: echo: (echo: )?I\/O error\n$/);
  const told = await refused(here);
  const largest =
    /\(tmpfs\) no space is left \(ENOSPC\); largest of yours: "[^"]*claude-0" 2\.0 MiB \(3 entries\), /;
  assert.match(told, largest);
  assert.ok(told.includes(`on ${dir} (tmpfs)`));
  assert.ok(told.endsWith(`; try: du -sh ${dir}/claude-0, or name a --root elsewhere\n`), told);
  const inTemp = await refused(here, { TMPDIR: dir });
  assert.ok(inTemp.endsWith('; try: qw-tmp reap --legacy, or name a --root elsewhere\n'), inTemp);
  assert.deepEqual(here.processes(), []);
  assert.ok(!existsSync(root) || spawnSync('ls', ['-A', root], { encoding: 'utf8' }).stdout === '');
});

test('no inodes are left, with space for all: told as such, with who has most entries', {
  skip,
}, async (t) => {
  const { here, dir } = small(t, 64, ',nr_inodes=100');
  big(join(dir, 'large'), 2);
  assert.throws(
    () => {
      for (let file = 0; file < 100; file += 1) put(join(dir, 'many', String(file)));
    },
    { code: 'ENOSPC' },
  );
  const before = plainly(dir);
  assert.notEqual(before.status, 0);
  assert.match(before.stderr, /^sh: 1: cannot create .*: No space left on device\n$/);
  assert.match(
    await refused(here),
    /\(tmpfs\) no inodes are left \(ENOSPC\); largest of yours: "[^"]*many" [^,]*\(9\d entries\), .*du -sh \S*many, or/,
  );
});

test('a session kept on a full disk stays, and is named as what takes the space, with the command', {
  skip,
}, async (t) => {
  const { here, dir } = small(t, 4);
  const kept = await run(qwRun, ['--keep', 'sh', '-c', FILL], here.options);
  const [, id] = /kept \S*\/([a-z0-9]{8})\/tmp;/.exec(kept.stderr) ?? assert.fail(kept.stderr);
  const told = await refused(here);
  assert.match(
    told,
    new RegExp(`"${dir}/r" \\d\\.\\d MiB \\(\\d entries; session ${id} \\d\\.\\d MiB, kept\\)`),
  );
  assert.ok(told.endsWith(`; try: qw-tmp rm ${id}, or name a --root elsewhere\n`), told);
  const freed = await run(qwTmp, ['rm', id as string], here.options);
  assert.equal(freed.code, 0, freed.stderr);
  const { stdout } = await run(qwRun, ['echo', 'ran'], here.options);
  assert.equal(stdout, 'ran\n');
});

test('of several full file systems each is told with its own cause', { skip }, async (t) => {
  const { here, dir } = small(t, 1);
  const other = join(here.box.dir, 'n');
  tmpfs(other, 'size=8m,nr_inodes=3');
  assert.throws(() => big(join(dir, 'big'), 2), { code: 'ENOSPC' });
  const why = (root: string): [string, QwRunError] => [
    join(root, 'r'),
    new QwRunError('ERR_QW_NO_SPACE', '', { path: root, cause: { code: 'ENOSPC' } }),
  ];
  const { code, message } = await noSpace(new Map([why(dir), why(other)]), here.options.env);
  assert.equal(code, 'ERR_QW_NO_SPACE');
  const causes = `on ${dir} (tmpfs) no space is left (ENOSPC), on ${other} (tmpfs) no inodes are left (ENOSPC); `;
  assert.ok(message.includes(causes), message);
});

test('a session during which the file system ran full says so in one line, and the exit status stays', {
  skip,
}, async (t) => {
  const { here, root } = small(t, 2);
  const { code, stderr } = await run(qwRun, ['--quiet', 'sh', '-c', `${FILL}; exit 7`], here.options);
  assert.equal(code, 7);
  assert.match(
    stderr,
    /^qw-run: no space [^\n]*ENOSPC[^\n]*without a word[^\n]*; largest: "big" \d\.\d MiB\n$/,
  );
  assert.ok(stderr.includes(root));
  const well = await run(qwRun, ['sh', '-c', ':'], here.options);
  assert.deepEqual([well.code, well.stderr], [0, '']);
});

test('the report of a library session has it too', { skip }, async (t) => {
  const { here } = small(t, 2);
  const script = `import { runAgent } from 'qw-run';
    const full = await (await runAgent('sh', ['-c', ${JSON.stringify(FILL)}])).result;
    const well = await (await runAgent('true')).result;
    console.log(JSON.stringify([full.end.lastPressure, well.end.lastPressure ?? null, full.end.largest]));`;
  const { code, stdout, stderr } = await run('--input-type=module', ['-e', script], {
    ...here.options,
    cwd: repoRoot,
  });
  assert.deepEqual([code, stderr], [0, '']);
  const [full, well, [{ path, bytes }]] = JSON.parse(stdout);
  assert.equal(full.code, 'ENOSPC');
  assert.ok(Date.now() - Date.parse(full.at) < 60_000);
  assert.equal(well, null);
  assert.deepEqual([path, bytes > 2 ** 20], ['big', true]);
});

test('a server sees it while the session runs', { skip }, async (t) => {
  const { here } = small(t, 2);
  const script = `const real = setInterval;
    globalThis.setInterval = (call, ms) => real(call, ms / 12_000); // every 10 minutes: every 50 ms
    const { openSession } = await import('qw-run');
    const { execSync } = await import('node:child_process');
    const session = await openSession();
    const before = session.lastPressure ?? null;
    execSync(${JSON.stringify(`${FILL}; true`)}, { env: session.env() });
    while (!session.lastPressure) await new Promise((resolve) => setTimeout(resolve, 10));
    const during = session.lastPressure;
    console.log(JSON.stringify([before, during, (await session.end()).lastPressure]));`;
  const options = { ...here.options, cwd: repoRoot };
  const { stdout, stderr } = await run('--input-type=module', ['-e', script], options);
  assert.equal(stderr, '');
  const [before, during, end] = JSON.parse(stdout);
  assert.deepEqual([before, during.code, end], [null, 'ENOSPC', during]);
});

test('a quota that is used up, with free space for all others, is told as such', { skip }, async (t) => {
  const here = mountScene(t);
  const mounted = join(here.box.dir, 'm');
  mkdirSync(mounted);
  const reason = mountWithQuota(here.box.dir, mounted);
  if (reason) return t.skip(reason);
  const dir = join(mounted, 'limited');
  const options = { ...here.options, env: { ...here.options.env, ...ON, QW_ROOT: join(dir, 'r') } };
  const fill = 'head -c 30000000 /dev/zero > "$TMPDIR/big" 2>/dev/null; sync -f "$TMPDIR"';
  const through = await run(qwRun, ['sh', '-c', `${fill}; exit 7`], options);
  assert.equal(through.code, 7, through.stderr);
  assert.match(through.stderr, /^qw-run: your disk quota was used up [^\n]*EDQUOT[^\n]*\n$/);
  assert.deepEqual(leftIn(join(dir, 'r')), []);
  forge({ ...here.box, root: join(dir, 'r') }, 'dead1234', { lease: leaseOf('dead1234') });
  spawnSync('sh', ['-c', `head -c 30000000 /dev/zero > ${dir}/r/dead1234/tmp/big; sync -f ${dir}`]);
  const again = await run(qwRun, ['echo', 'ran'], options);
  assert.deepEqual([again.code, again.stdout, again.stderr], [0, 'ran\n', '']);
  spawnSync('sh', ['-c', `head -c 30000000 /dev/zero > ${dir}/mine; sync -f ${dir}`]);
  const before = plainly(dir);
  assert.notEqual(before.status, 0);
  assert.match(before.stderr, /Disk quota exceeded|I\/O error/);
  const told = await refused(here, { QW_ROOT: join(dir, 'r') });
  assert.match(
    told,
    /\(btrfs\) the quota of its subvolume is used up \(EDQUOT\); largest of yours: "[^"]*mine"/,
  );
});

const leftIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !/^\.(trash|reaped)$/.test(name));
