// A full file system is noticed by a write, made room on by reaping what is dead, and told: at the start with who uses the
// space, at the end of a session that lived through it. Also a user's quota, which statfs(2) does not show.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { mountWithQuota } from '../helpers/quota-mount.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const skip = inPrivateMounts(import.meta.url);

/** A directory of `megabytes` on a tmpfs of its own, the root of the scene one level below. */
function small(t: TestContext, megabytes: number): { here: Scene; dir: string; root: string } {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  mkdirSync(dir);
  mount('-t', 'tmpfs', '-o', `mode=755,size=${megabytes}m`, 'tmpfs', dir);
  const root = join(dir, 'r');
  here.options.env['QW_ROOT'] = root;
  return { here, dir, root };
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
  const { code, stdout, stderr } = await run(qwRun, ['echo', 'ran'], {
    ...here.options,
    env: { ...here.options.env, ...ON },
  });
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /^qw-run: [^\n]+\n$/);
  assert.match(stderr, /\(tmpfs\).*ENOSPC.*claude-0" 2\.0 MiB \(3 entries\).*qw-tmp reap.*--root/);
  assert.ok(stderr.includes(dir));
  assert.deepEqual(here.processes(), []);
  assert.ok(!existsSync(root) || spawnSync('ls', ['-A', root], { encoding: 'utf8' }).stdout === '');
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
  const refused = await run(qwRun, ['echo', 'ran'], options);
  assert.deepEqual([refused.code, refused.stdout], [125, '']);
  assert.match(refused.stderr, /\(btrfs.*your quota is used up \(EDQUOT\); largest of yours: "[^"]*mine"/);
});

const leftIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !/^\.(trash|reaped)$/.test(name));
