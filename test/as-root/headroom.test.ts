// A session that lives through a full file system says so at its end, in one line and in its report; also a user's quota, which
// statfs(2) does not show.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { FILL, leftIn, ON, plainly, refused, small } from '../helpers/full-volume.js';
import { mountImage, mountWithQuota } from '../helpers/loop-mount.js';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';
import { forge, leaseOf } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);

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

for (const [type, make] of [
  ['ext4', 'mkfs.ext4 -q -F -m 0'],
  ['xfs', 'mkfs.xfs -q'],
  ['btrfs', 'mkfs.btrfs -q'],
] as const)
  test(`the same on ${type}, where what was written is not on the disk yet`, { skip }, async (t) => {
    const here = mountScene(t);
    const mounted = join(here.box.dir, 'm');
    mkdirSync(mounted);
    const reason = mountImage(make, here.box.dir, mounted);
    if (reason) return t.skip(reason);
    const env = { ...here.options.env, QW_ROOT: join(mounted, 'r') };
    const fill = 'head -c 2000000000 /dev/zero > "$TMPDIR/big" 2>/dev/null';
    const { code, stderr } = await run(qwRun, ['sh', '-c', `${fill}; exit 7`], { ...here.options, env });
    assert.equal(code, 7, stderr);
    assert.match(stderr, /^qw-run: no space [^\n]*ENOSPC[^\n]*\n$/);
    assert.deepEqual(leftIn(env.QW_ROOT), []);
    const well = await run(qwRun, ['sh', '-c', ':'], { ...here.options, env });
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

test('onPressure hears of it once, whenever it listens; one that throws is nobody else’s fault', {
  skip,
}, async (t) => {
  const { here } = small(t, 2);
  const script = `import { openSession } from 'qw-run';
    import { spawnSync } from 'node:child_process';
    const session = await openSession();
    const heard = [];
    session.onPressure(() => { throw new Error('mine'); });
    session.onPressure(({ code }) => heard.push(code));
    session.onPressure(() => heard.push('undone'))();
    spawnSync('sh', ['-c', ${JSON.stringify(FILL)}], { env: session.env() });
    await session.end();
    session.onPressure(({ code }) => heard.push('late ' + code));
    await null;
    const well = await openSession();
    well.onPressure(() => heard.push('wrong'));
    await well.end();
    console.log(heard.join());`;
  const { code, stdout, stderr } = await run('--input-type=module', ['-e', script], {
    ...here.options,
    cwd: repoRoot,
  });
  assert.deepEqual([code, stdout, stderr], [0, 'ENOSPC,late ENOSPC\n', '']);
});
