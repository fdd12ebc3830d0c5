// find(1) counts as we do: entries of every kind and name, what has several names inside or outside, holes, links.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { measure } from '#src/reap/measure.js';
import { sizeOf, sizesByFind } from '#src/reap/size-of.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { script, useStandIns } from '../helpers/stand-ins.js';

const hasFind = spawnSync('find', ['/dev/null', '-printf', '%y']).stdout?.toString() === 'c';

test('a tree of everything', { skip: !hasFind && 'no GNU find' }, async (t) => {
  const { dir } = sandbox(t);
  const tree = join(dir, 'tree');
  put(join(dir, 'outside/file'), 'x'.repeat(10_000));
  for (const name of ['plain', '-delete', 'a b\nc', '(', '!', 'größe'])
    put(join(tree, name, 'd/file'), 'x'.repeat(5_000));
  linkSync(join(tree, 'plain/d/file'), join(tree, 'twice'));
  linkSync(join(dir, 'outside/file'), join(tree, 'also-outside'));
  symlinkSync(join(dir, 'outside'), join(tree, 'to'));
  symlinkSync('.', join(tree, 'self'));
  truncateSync(put(join(tree, 'hole')), 2 ** 40);
  mkdirSync(join(tree, 'empty'));
  spawnSync('mkfifo', [join(tree, 'fifo')]);
  const { newestAt, lastUseAt: _, ...size } = await measure(tree);
  const { bytes, entries } = size;
  assert.ok(entries > 20 && bytes > 30_000, `${entries} ${bytes}`);
  const found = await sizesByFind([tree], 'times');
  const { newestAt: foundAt = 0, ...foundSize } = found.get(tree) ?? {};
  assert.deepEqual([found.size, foundSize], [1, size]);
  assert.ok(Math.abs(foundAt - newestAt) < 0.01, `${foundAt} ${newestAt}: both are rounded`);
  assert.deepEqual(await sizesByFind([tree], 'bytes'), new Map([[tree, { ...size, newestAt: 0 }]]));
});

test('a large tree, with find and where it knows too little', async (t) => {
  const { dir } = sandbox(t);
  const tree = join(dir, 'tree');
  for (let n = 0; n < 3_000; n += 1) put(join(tree, `${n % 50}`, `${n}`));
  const { bytes, entries } = await measure(tree);
  const size = await sizeOf(tree);
  assert.deepEqual([size.bytes, size.entries], [bytes, entries]);
  script(join(dir, 'bin'), 'find', 'echo "find: unrecognized: -printf" >&2; exit 1');
  useStandIns(t, join(dir, 'bin'));
  assert.equal((await sizesByFind([tree], 'times')).size, 0);
  assert.equal((await sizeOf(tree)).entries, entries);
});
