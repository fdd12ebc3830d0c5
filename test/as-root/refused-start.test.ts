// No room for a new session: what is dead is reaped; otherwise the start is refused, with what is used up, whose it is, who uses it
// and what frees it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { QwRunError } from '#src/errors.js';
import { noSpace } from '#src/run/no-space.js';
import { run, start } from '../helpers/cli.js';
import { big, FILL, leftIn, ON, plainly, refused, small, tmpfs } from '../helpers/full-volume.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { type Forged, forge, leaseOf, put } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { slowRm } from '../helpers/slow-rm.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);

/** Leaves no room on a file system of at most 3 MB. */
function orphanThatFills({ box }: Scene, root: string): Forged {
  const forged = forge({ ...box, root }, 'dead1234', { lease: leaseOf('dead1234'), files: [] });
  assert.throws(() => big(join(forged.tmpdir, 'big'), 4), { code: 'ENOSPC' });
  return forged;
}

test('what dead sessions left is reaped when there is no room for a new one', { skip }, async (t) => {
  const { here, root } = small(t, 2);
  const { dir } = orphanThatFills(here, root);
  const off = await run(qwRun, ['echo', 'ran'], here.options);
  assert.deepEqual([off.code, off.stdout], [125, ''], 'QW_REAP=off');
  const { code, stdout, stderr } = await run(qwRun, ['echo', 'ran'], {
    ...here.options,
    env: { ...here.options.env, ...ON },
  });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'ran\n', stderr: '' });
  assert.ok(!existsSync(dir));
});

test('a signal is heard while room is made; who makes it goes on', { skip }, async (t) => {
  const { here, root } = small(t, 3);
  const { dir } = orphanThatFills(here, root);
  const rm = slowRm(here);
  t.after(rm.release);
  const env = { ...here.options.env, ...ON, ...rm.env };
  const wrapper = start(qwRun, ['echo', 'ran'], { ...here.options, env });
  await rm.isRunning();
  wrapper.child.kill('SIGTERM');
  const { signal, stdout, stderr } = await wrapper.done;
  assert.deepEqual({ signal, stdout, stderr }, { signal: 'SIGTERM', stdout: '', stderr: '' });
  assert.deepEqual(leftIn(root).filter((name) => name.endsWith('/big')).length, 1, 'rm still waits');
  rm.release();
  await waitUntil('the orphan is gone', () => leftIn(root).length === 0);
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
