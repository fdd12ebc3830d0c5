// What cannot go back to its place. Where a session ends, and goes with all that is in it, while its units are swept, the sweep has
// nothing to put back and nothing to tell.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { take } from '#src/take/take.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

test('what has to stay, and was taken away by somebody, is gone', async (t) => {
  const { root } = scene(t).box;
  mkdirSync(root, { mode: 0o700 });
  const unit = dirname(put(join(root, 'abcd1234/tmp/unit/file')));
  const lookAgain = async () => {
    rmSync(join(root, 'abcd1234'), { recursive: true });
    return () => 'another-shape';
  };
  const [taken] = await take([{ kind: 'unit', path: unit, base: root }], { lookAgain });
  assert.deepEqual([taken?.outcome, taken?.failed], ['gone', []]);
});

test('what has to stay, and finds its place taken, is named where it lies then', async (t) => {
  const { root } = scene(t).box;
  mkdirSync(root, { mode: 0o700 });
  const unit = dirname(put(join(root, 'abcd1234/tmp/unit/file')));
  const lookAgain = async () => {
    put(join(unit, 'new'));
    return () => 'in-use';
  };
  const [taken] = await take([{ kind: 'unit', path: unit, base: root }], { lookAgain });
  assert.equal(taken?.outcome, 'used');
  assert.ok(existsSync(join(taken?.failed[0]?.path ?? '', 'file')));
});

test('what was moved with its session before it was looked at again stays: nobody saw it', async (t) => {
  const { root } = scene(t).box;
  mkdirSync(root, { mode: 0o700 });
  const unit = dirname(put(join(root, 'abcd1234/tmp/unit/file')));
  const lookAgain = async () => {
    renameSync(join(root, 'abcd1234'), join(root, 'away'));
    return () => undefined;
  };
  const [taken] = await take([{ kind: 'unit', path: unit, base: root }], { lookAgain });
  assert.deepEqual([taken?.outcome, taken?.failed], ['used', []]);
  assert.deepEqual(readdirSync(join(root, 'away/tmp')), ['unit']);
});
