// `--keep` of a session in memory: what can be copied to disk is, the rest is told, and nothing else is touched by it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { canCopy } from '#src/isolate/copy-out.js';
import { busyboxIn, noBusybox } from '../helpers/busybox.js';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { standIns } from '../helpers/stand-ins.js';

const skip = noIsolation();
const keep = ['--isolate', 'tmpfs', '--keep', 'sh', '-c'];
const UNREADABLE = 'echo x >"$TMPDIR/secret"; chmod 0 "$TMPDIR/secret"';
const keptIn = (stderr: string): string => /kept (\S+);/.exec(stderr)?.[1] ?? '';

test('a directory swapped for a link: what it leads to is neither written nor removed', {
  skip,
}, async (t) => {
  const { box, options } = scene(t);
  const precious = join(box.dir, 'precious');
  mkdirSync(precious);
  writeFileSync(join(precious, 'mine'), 'mine\n');
  const swap = `${UNREADABLE}; cd "$QW_ROOT" && mv "$QW_SESSION" x && mkdir "$QW_SESSION" && ln -s ${precious} "$QW_SESSION/tmp"`;
  const { code, stderr } = await run(qwRun, [...keep, swap], options);
  assert.deepEqual(readdirSync(precious), ['mine']);
  assert.equal(code, 0);
  assert.match(stderr, /could not keep \S+: .*cannot be opened \(ENOTDIR\)/);
});

test('a file that cannot be read is told, the others are kept', {
  skip: skip || (process.getuid?.() === 0 && 'permissions do not bind root'),
}, async (t) => {
  const { options } = scene(t);
  const script = `echo kept >"$TMPDIR/z"; ${UNREADABLE}; mkfifo "$TMPDIR/p"; mkdir "$TMPDIR/d"; echo kept >"$TMPDIR/d/f"; chmod 500 "$TMPDIR/d"`;
  const { stderr } = await run(qwRun, [...keep, script], options);
  assert.match(
    stderr,
    /^qw-run: could not keep \S+: some of it could not be copied .*secret.*Permission denied/,
  );
  const kept = keptIn(stderr);
  chmodSync(join(kept, 'd'), 0o700);
  assert.deepEqual(readdirSync(kept).sort(), ['d', 'p', 'z']);
  assert.equal(readFileSync(join(kept, 'd/f'), 'utf8'), 'kept\n');
});

test('a huge sparse file stays sparse', { skip }, async (t) => {
  const { options } = scene(t);
  const { code, stderr } = await run(
    qwRun,
    [...keep, 'truncate -s 1T "$TMPDIR/f"; echo x >>"$TMPDIR/f"'],
    options,
  );
  const { size, blocks } = statSync(join(keptIn(stderr), 'f'));
  assert.deepEqual([code, size], [0, 2 ** 40 + 2]);
  assert.ok(blocks < 1000, `${blocks} blocks`);
});

test('a cp that can do less is not one that can copy', { skip: noBusybox() }, (t) => {
  const { box } = scene(t);
  assert.equal(canCopy(join(busyboxIn(box.dir, ['cp']), 'cp')), false);
  assert.equal(canCopy('/bin/cp'), true);
});

test('where find and rm can do less, all is copied the same', { skip: skip || noBusybox() }, async (t) => {
  const { box, options } = scene(t);
  const env = { ...options.env, ...standIns(busyboxIn(box.dir, ['find', 'rm'])).env };
  const script = 'truncate -s 1T "$TMPDIR/f"; echo x >"$TMPDIR/g"';
  const { code, stderr } = await run(qwRun, [...keep, script], { ...options, env });
  assert.equal(code, 0);
  assert.deepEqual(readdirSync(keptIn(stderr)).sort(), ['f', 'g']);
  assert.equal(statSync(join(keptIn(stderr), 'f')).blocks, 0);
});

test('without room nothing is left, and it is told', { skip }, (t) => {
  const { box, options } = scene(t);
  mkdirSync(box.root, 0o700);
  const script = 'head -c 3000000 /dev/urandom >"$TMPDIR/f"';
  const { stdout, stderr } = spawnSync(
    'bwrap',
    [
      ...['--dev-bind', '/', '/', '--perms', '0700', '--size', '2000000', '--tmpfs', box.root],
      ...['sh', '-c', 'node "$@"; ls -A "$QW_ROOT"/*/tmp', 'sh', qwRun, ...keep, script],
    ],
    { ...options, encoding: 'utf8' },
  );
  assert.match(
    stderr,
    /^qw-run: could not keep \S+: it could not be copied from memory to disk: .*No space left/,
  );
  assert.equal(stdout, '');
});

test('what is shared with a private /tmp is not copied', { skip }, async (t) => {
  const { box, options } = scene(t);
  writeFileSync(join(box.cwd, 'project'), 'x');
  const script = 'echo kept >/tmp/f';
  const { stderr } = await run(
    qwRun,
    ['--isolate', 'tmp', '--size', '4M', '--keep', 'sh', '-c', script],
    options,
  );
  const names = readdirSync(keptIn(stderr), { recursive: true, encoding: 'utf8' });
  assert.ok(names.includes('f'), stderr);
  assert.deepEqual(
    names.filter((name) => name.endsWith('project')),
    [],
  );
});
