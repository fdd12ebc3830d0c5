// What is measured is what find(1) counts: entries of every kind and name, what has several names inside or
// outside, holes, links; and what is mounted, unreadable or gone is left out.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { measure } from '#src/tree/measure.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const hasFind = spawnSync('find', ['/dev/null', '-printf', '%y']).stdout?.toString() === 'c';

/** Blocks and entries below `dir` by find: of files with several names each once, of those seen whole. */
function byFind(dir: string) {
  const print = ['-mindepth', '1', '-printf', '%y %b %n %i\\0'];
  const records = execFileSync('find', [dir, ...print], { encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);
  const names = new Map<string, number>();
  let blocks = 0;
  for (const record of records) {
    const [type, b, n, inode = ''] = record.split(' ');
    names.set(inode, (names.get(inode) ?? 0) + 1);
    if (type === 'd' || names.get(inode) === Number(n)) blocks += Number(b);
  }
  return { bytes: blocks * 512, entries: records.length };
}

test('a tree of everything', { skip: !hasFind && 'no GNU find' }, async (t) => {
  const { dir } = sandbox(t);
  const tree = join(dir, 'tree');
  put(join(dir, 'outside/file'), 'x'.repeat(10_000));
  for (const name of ['plain', '-delete', 'a b\nc', '(', '!', 'größe', '.hidden'])
    put(join(tree, name, 'd/file'), 'x'.repeat(5_000));
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), 'x');
  mkdirSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xfe, 0xe9])]));
  linkSync(join(tree, 'plain/d/file'), join(tree, 'twice'));
  linkSync(join(dir, 'outside/file'), join(tree, 'also-outside'));
  symlinkSync(join(dir, 'outside'), join(tree, 'to'));
  symlinkSync('.', join(tree, 'self'));
  truncateSync(put(join(tree, 'hole')), 2 ** 40);
  mkdirSync(join(tree, 'empty'));
  spawnSync('mkfifo', [join(tree, 'fifo')]);
  const { bytes, entries, isPartial } = await measure(tree);
  assert.ok(entries > 20 && bytes > 30_000, `${entries} ${bytes}`);
  assert.deepEqual({ bytes, entries, isPartial }, { ...byFind(tree), isPartial: false });
});

test('deep and wide', { skip: !hasFind && 'no GNU find' }, async (t) => {
  const { dir } = sandbox(t);
  for (let n = 0; n < 3_000; n += 1) put(join(dir, 'tree', `${n % 50}`, `${n}`));
  put(join(dir, 'tree', ...Array.from({ length: 300 }, () => 'deep'), 'file'));
  const { bytes, entries } = await measure(join(dir, 'tree'));
  assert.deepEqual({ bytes, entries }, byFind(join(dir, 'tree')));
});

test('a large directory is read by the piece, and names seen wholly are forgotten', async (t) => {
  const { dir } = sandbox(t);
  const [one, two] = ['one', 'two'].map((name) => join(dir, name)) as [string, string];
  for (const path of [one, two]) mkdirSync(path);
  for (let n = 0; n < 5_000; n += 1) {
    const file = join(one, `${n}`.padStart(100, '-'));
    writeFileSync(file, '');
    linkSync(file, join(two, `${n}`.padStart(100, '-')));
  }
  const whole = t.mock.method(fs, 'readdirSync');
  const size = await measure(dir);
  assert.equal(size.entries, 10_002 + 2);
  assert.deepEqual(
    whole.mock.calls.filter(({ result }) => (result?.length ?? 0) > 4_000),
    [],
  );
});

const asRoot = { skip: process.getuid?.() === 0 && 'root reads everything' };
test('what cannot be read is left out, and keeps its mode', asRoot, async (t) => {
  const { dir } = sandbox(t);
  const shut = join(dir, 'tree/shut');
  put(join(shut, 'file'));
  put(join(dir, 'tree/open/file'));
  chmodSync(shut, 0o000);
  try {
    const { entries, isPartial } = await measure(join(dir, 'tree'));
    assert.deepEqual([entries, isPartial], [3, false]);
    assert.equal(fs.statSync(shut).mode & 0o777, 0);
  } finally {
    chmodSync(shut, 0o700);
  }
});

for (const [what, place] of [
  ['nothing', 'nothing'],
  ['a file', 'file'],
  ['a link to a directory', 'link'],
] as const)
  test(`${what} in the place of a tree holds nothing`, async (t) => {
    const { dir } = sandbox(t);
    put(join(dir, 'outside/file'));
    put(join(dir, 'file'));
    symlinkSync('outside', join(dir, 'link'));
    const { bytes, entries } = await measure(join(dir, place));
    assert.deepEqual([bytes, entries], [0, 0]);
  });

/** Calls `act` once, right before the directory is read whose names `isMeant` knows. */
function before(t: TestContext, call: 'openSync' | 'lstatSync', path: RegExp, act: () => void): void {
  const real = fs[call] as (...args: unknown[]) => unknown;
  let isDone = false;
  t.mock.method(fs, call, ((...args: unknown[]) => {
    if (!isDone && path.test(String(args[0]))) {
      isDone = true;
      act();
    }
    return real(...args);
  }) as never);
}

test('a directory that is swapped for a link is not followed', async (t) => {
  const { dir } = sandbox(t);
  put(join(dir, 'outside/secret'));
  put(join(dir, 'tree/a/file'));
  before(t, 'openSync', /\/a$/, () => {
    renameSync(join(dir, 'tree/a'), join(dir, 'away'));
    symlinkSync('../outside', join(dir, 'tree/a'));
  });
  const { entries, isPartial } = await measure(join(dir, 'tree'));
  assert.deepEqual([entries, isPartial], [0, false]);
});

test('a deep directory that is moved away: no way back, and not all was seen', async (t) => {
  const { dir } = sandbox(t);
  const names = Array.from({ length: 80 }, (_, at) => `d${at}`);
  put(join(dir, 'tree', ...names, 'file'));
  put(join(dir, 'tree/zzz'));
  before(t, 'lstatSync', /\/file$/, () =>
    renameSync(join(dir, 'tree', ...names.slice(0, 40)), join(dir, 'moved')),
  );
  const { isPartial } = await measure(join(dir, 'tree'));
  assert.equal(isPartial, true);
});

test('a tree that goes meanwhile', async (t) => {
  const { dir } = sandbox(t);
  for (let n = 0; n < 20; n += 1) put(join(dir, `tree/${n}/file`));
  before(t, 'lstatSync', /\/file$/, () => rmSync(join(dir, 'tree'), { recursive: true }));
  const { entries } = await measure(join(dir, 'tree'));
  assert.ok(entries < 20, `${entries}`);
});

test('time that is up makes it partial', async (t) => {
  const { dir } = sandbox(t);
  put(join(dir, 'tree/a/file'));
  assert.equal((await measure(join(dir, 'tree'), { until: 0 })).isPartial, true);
});
