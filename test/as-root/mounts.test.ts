// Something is mounted inside a session: nothing of it is renamed or removed, by whoever comes to remove it, and the
// other side of the mount is not touched. Once it is unmounted the next pass removes the session.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { take } from '#src/take/take.js';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { BIND, goesOnceUnmounted, source, untouched } from '../helpers/precious.js';
import { inPrivateMounts, mount, mountScene, mountsBelow } from '../helpers/private-mounts.js';
import { forge, ids, leaseOf, picture } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);
/** Nobody but a pass of the reaper removes it later. */
const ALONE = '--no-watchdog';

/** Its daemon is no member: started without our variables, and it leaves the tree. */
const FUSE: [string, string, string] = [
  'a FUSE file system',
  'mkdir "$TMPDIR/m"; cd /; env -i PATH="$PATH" setsid bindfs "$SOURCE" "$TMPDIR/m"; cd "$TMPDIR"',
  'tmp/m',
];
const noFuse =
  spawnSync('bindfs', ['--version']).status === 0 && existsSync('/dev/fuse')
    ? false
    : 'no bindfs or no /dev/fuse';

const places: [what: string, script: string, below: string][] = [
  ['a bind mount', BIND, 'tmp/m'],
  [
    'a bind mount deep below',
    'mkdir -p "$TMPDIR/a/b/m"; mount --bind "$SOURCE" "$TMPDIR/a/b/m"',
    'tmp/a/b/m',
  ],
  ['a bind mount of one file', ': > "$TMPDIR/m"; mount --bind "$SOURCE/notes" "$TMPDIR/m"', 'tmp/m'],
  ['a read-only bind mount', `${BIND}; mount -o remount,bind,ro "$TMPDIR/m"`, 'tmp/m'],
  ['a tmpfs', 'mkdir "$TMPDIR/m"; mount -t tmpfs tmpfs "$TMPDIR/m"; echo x > "$TMPDIR/m/x"', 'tmp/m'],
  FUSE,
  ['a mount on the TMPDIR itself', 'mount --bind "$SOURCE" "$TMPDIR"', 'tmp'],
  ['a mount on the session directory', 'mount --bind "$SOURCE" "$TMPDIR/.."', ''],
];
for (const [what, script, below] of places) {
  test(`${what}: refused and told in one line, the exit status stays the agent's`, {
    skip: skip || (what === FUSE[0] && noFuse),
  }, async (t) => {
    const here = mountScene(t);
    const precious = source(here);
    const before = picture(precious);
    const command = [ALONE, '--', 'sh', '-c', `echo mine > "$TMPDIR/mine"; ${script}; exit 7`];
    const { code, signal, stderr } = await run(qwRun, command, here.options);
    const [id = ''] = ids(here.box);
    const point = join(here.box.root, id, below);
    assert.deepEqual([code, signal], [7, null]);
    assert.match(stderr, /^qw-run: [^\n]*mounted[^\n]*\n$/);
    assert.ok(stderr.includes(`umount ${point}`), stderr);
    assert.deepEqual(mountsBelow(here.box.dir), [point]);
    assert.deepEqual(untouched(precious), before);
    assert.deepEqual(here.processes(), []);
    await goesOnceUnmounted(here, id);
    assert.deepEqual(untouched(precious), before);
  });
}

test('a mount point with a space, a quote and a newline in its name is told in one line', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  source(here);
  const script = `m="$TMPDIR/it's\nhere"; mkdir "$m"; mount --bind "$SOURCE" "$m"`;
  const { code, stderr } = await run(qwRun, [ALONE, '--', 'sh', '-c', script], here.options);
  assert.equal(code, 0);
  assert.match(stderr, /^qw-run: [^\n]*mounted[^\n]*\n$/);
  await goesOnceUnmounted(here, ids(here.box)[0] ?? '');
});

test('two mounts are both told, and qw-tmp rm refuses too', { skip }, async (t) => {
  const here = mountScene(t);
  const before = picture(source(here));
  const script = `${BIND}; mkdir "$TMPDIR/n"; mount --bind "$TMPDIR/m" "$TMPDIR/n"`;
  const { stderr } = await run(qwRun, [ALONE, '--', 'sh', '-c', script], here.options);
  const [id = ''] = ids(here.box);
  const points = mountsBelow(here.box.dir);
  assert.equal(points.length, 2);
  for (const point of points) assert.ok(stderr.includes(`umount ${point}`), stderr);
  for (const force of [[], ['--force']]) {
    const rm = await run(qwTmp, ['rm', ...force, id], here.options);
    assert.equal(rm.code, 1);
    for (const point of points) assert.ok(rm.stderr.includes(`umount ${point}`), rm.stderr);
  }
  await goesOnceUnmounted(here, id);
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});

test('what is mounted in the moment of the claim keeps its other side, also where nobody waits', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const { root } = here.box;
  const before = picture(source(here));
  const { dir, tmpdir } = forge(here.box, 'dead0000', { lease: leaseOf('dead0000') });
  mkdirSync(join(tmpdir, 'm'));
  const { renameSync } = fs;
  t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    if (basename(from) === 'dead0000') mount('--bind', join(here.box.dir, 'source'), join(tmpdir, 'm'));
    renameSync(from, to);
  });
  const thing = { kind: 'session', path: dir, base: root } as const;
  const [taken] = await take([thing], { lookAgain: async () => () => undefined, handOver: assert.fail });
  assert.equal(taken?.outcome, 'failed');
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});
