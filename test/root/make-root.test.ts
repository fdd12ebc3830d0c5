// A root appears together with its marker, however many open it at once and whoever dies on the way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { firstOpens } from '../helpers/first-opens.js';
import { makeRoot, markerText } from '../helpers/make-root.js';
import { qwRun } from '../helpers/paths.js';
import { atStep } from '../helpers/preloads.js';
import { HOUR, picture, put, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const NAME = `qw-${process.getuid?.()}`;
const inodeOf = (path: string) => lstatSync(path, { bigint: true }).ino;

function isRoot(root: string): void {
  const file = join(root, '.qw-root');
  assert.equal(readFileSync(file, 'utf8'), markerText(inodeOf(root)));
  assert.deepEqual([lstatSync(file).mode & 0o7777, lstatSync(root).mode & 0o7777], [0o1600, 0o700]);
  assert.deepEqual(
    readdirSync(root).filter((name) => name !== '.trash'),
    ['.qw-root'],
  );
}

/** Nothing is left beside the root by those who made it. */
const beside = ({ box }: Scene) => readdirSync(box.dir).filter((name) => name.startsWith('.'));

describe('a root', { concurrency: 2 }, () => {
  for (const umask of ['022', '777'])
    test(`that is missing is made with its marker, umask ${umask}`, (t) => {
      const here = scene(t);
      const command = ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, qwRun, 'true'];
      const { status, stderr } = spawnSync('sh', command, { ...here.options, encoding: 'utf8' });
      assert.deepEqual([status, stderr, beside(here)], [0, '', []]);
      isRoot(here.box.root);
    });

  test('that is an empty directory is marked where it lies: it may be where somebody works', async (t) => {
    const here = scene(t);
    mkdirSync(here.box.root, { mode: 0o700 });
    const before = inodeOf(here.box.root);
    const args = ['--root', '.', 'sh', '-c', 'cd "$PWD" && test -d "$TMPDIR"'];
    const { code, stderr } = await run(qwRun, args, { ...here.options, cwd: here.box.root });
    assert.deepEqual([code, stderr, inodeOf(here.box.root)], [0, '', before]);
    isRoot(here.box.root);
  });

  test('that is an empty directory in one that we may not write is marked, too', {
    skip: process.getuid?.() === 0 && 'root may write everywhere',
  }, async (t) => {
    const here = scene(t);
    const root = join(here.box.dir, 'above/r');
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o700);
    chmodSync(join(root, '..'), 0o555);
    const { code, stderr } = await run(qwRun, ['--root', root, 'true'], here.options);
    chmodSync(join(root, '..'), 0o755);
    assert.deepEqual([code, stderr], [0, '']);
    isRoot(root);
  });

  const firsts: [what: string, count: number, prepare: (root: string) => void][] = [
    ['missing', 6, (root) => rmdirSync(root)],
    ['empty', 4, () => {}],
  ];
  for (const [what, count, prepare] of firsts)
    test(`that is ${what} is opened by ${count} processes at once`, async (t) => {
      const here = scene(t);
      const { QW_ROOT: _unset, ...env } = here.options.env;
      const root = join(here.box.dir, 't', NAME);
      mkdirSync(root, { recursive: true });
      chmodSync(root, 0o700);
      prepare(root);
      const TMPDIR = join(here.box.dir, 't');
      const said = await firstOpens(count, { ...here.options, env: { ...env, TMPDIR } });
      assert.deepEqual([...new Set(said)], [`removed ${root}`]);
      isRoot(root);
      assert.deepEqual(readdirSync(TMPDIR), [NAME]);
    });
});

describe('an opener that is killed', { concurrency: 2 }, () => {
  const steps = ['mkdirSync .*new-', 'openSync .*qw-root', 'writeFileSync .*qw-root', 'renameSync .*new-'];
  for (const call of steps)
    test(`before ${call.replace(' .*', ' of ')} leaves no half root, and a later pass takes what it left`, async (t) => {
      const here = scene(t);
      const { root, dir } = here.box;
      const env = { ...here.options.env, ...atStep({ log: join(dir, 'log'), call }) };
      const { signal } = await run(qwRun, ['--no-watchdog', 'true'], { ...here.options, env });
      assert.deepEqual([signal, existsSync(root)], ['SIGKILL', false]);
      const { code, stderr } = await run(qwRun, ['--no-watchdog', 'true'], here.options);
      assert.deepEqual([code, stderr], [0, '']);
      const left = beside(here);
      assert.equal(left.length, call.startsWith('mkdir') ? 0 : 1, `${left}`);
      await reapOnce(here);
      assert.deepEqual(beside(here), left, 'it may be at work still');
      assert.deepEqual((await reapOnce(here, [], { laterMs: 2 * HOUR })).report.failed, []);
      assert.deepEqual(beside(here), []);
      isRoot(root);
    });

  test('in an empty directory leaves it to the next one', async (t) => {
    const here = scene(t);
    mkdirSync(here.box.root, { mode: 0o700 });
    const step = { log: join(here.box.dir, 'log'), call: 'renameSync .*qw-root' };
    const env = { ...here.options.env, ...atStep(step) };
    assert.equal((await run(qwRun, ['true'], { ...here.options, env })).signal, 'SIGKILL');
    assert.match(readdirSync(here.box.root).join(), /^\.qw-root\.[a-z0-9]{8}$/);
    const { code, stderr } = await run(qwRun, ['true'], here.options);
    assert.deepEqual([code, stderr], [0, '']);
    await reapOnce(here);
    assert.equal(readdirSync(here.box.root).filter((name) => name.startsWith('.qw-root')).length, 2);
    await reapOnce(here, [], { laterMs: 2 * HOUR });
    isRoot(here.box.root);
  });
});

test('what only looks like the draft of a root stays', async (t) => {
  const here = scene(t);
  const { dir, root } = here.box;
  makeRoot(root);
  makeRoot(join(dir, '.r.new-full0000'));
  put(join(dir, '.r.new-full0000/thesis'));
  makeRoot(join(dir, '.r.new-copy0000'));
  writeFileSync(join(dir, '.r.new-copy0000/.qw-root'), markerText(1n));
  for (const name of ['.r.new-short', '.r.new-UPPER000', '.r.new-toolong00', '.s.new-another0'])
    makeRoot(join(dir, name));
  symlinkSync(join(dir, 'home'), join(dir, '.r.new-link0000'));
  put(join(dir, '.r.new-file0000'));
  const before = picture(dir).filter((line) => line.startsWith('.'));
  const { code, report } = await reapOnce(here, [], { laterMs: 2 * HOUR });
  assert.deepEqual([code, report.failed], [0, []]);
  assert.deepEqual(
    picture(dir).filter((line) => line.startsWith('.')),
    before,
  );
});
