// From inside a directory names are looked up sooner; nothing of it is to be seen outside, and a working directory that is gone
// meanwhile is left for the top.
import assert from 'node:assert/strict';
import { closeSync, constants, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fromInside, goInside } from '#src/tree/from-inside.js';
import { measure } from '#src/tree/measure.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const skip = process.platform !== 'linux' && 'Linux only';

function opened(t: TestContext, dir: string): string {
  const fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  t.after(() => closeSync(fd));
  return `/proc/self/fd/${fd}`;
}

test('by default it stays where it is', (t) => {
  const { dir } = sandbox(t);
  const base = opened(t, dir);
  assert.deepEqual(
    fromInside(base, (name) => [name, process.cwd()]),
    [base, process.cwd()],
  );
});

test('it is there for as long as it looks, and back whatever happens', { skip }, (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const { dir } = sandbox(t);
  goInside();
  const base = opened(t, dir);
  assert.deepEqual(
    fromInside(base, (name) => [name, process.cwd()]),
    ['.', dir],
  );
  assert.throws(() =>
    fromInside(base, () => {
      throw new Error('no');
    }),
  );
  assert.equal(process.cwd(), before);
  assert.equal(
    fromInside(dir, () => process.cwd()),
    before,
    'a path may lead elsewhere by now',
  );
  const gone = join(dir, 'gone');
  mkdirSync(gone);
  process.chdir(gone);
  fromInside(base, () => rmdirSync(gone));
  assert.equal(process.cwd(), '/');
});

test('a walk sees the same from inside', { skip }, async (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const { dir } = sandbox(t);
  for (const name of ['a', 'a/b', '-x', 'größe', ' ']) put(join(dir, 'tree', name, 'file'), name);
  const outside = await measure(join(dir, 'tree'));
  goInside();
  assert.deepEqual(await measure(join(dir, 'tree')), outside);
  assert.equal(outside.entries, 10);
});
