// A root that is full is reaped by another process, in another directory: it gets the whole path, whatever was typed.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { QwRunError } from '#src/errors.js';
import { withUsableRoot } from '#src/root/roots.js';
import { sandbox } from '../helpers/sandbox.js';

test('who makes room gets the root by its whole path', (t) => {
  const { dir, env } = sandbox(t);
  const typed = relative(process.cwd(), join(dir, 'full'));
  const full = (root: string) => {
    throw new QwRunError('ERR_QW_NO_SPACE', `${root} is full`, { path: root });
  };
  const asked: string[] = [];
  const isWorthReaping = (root: string) => asked.push(root) > 0;
  assert.throws(() => withUsableRoot(env, typed, full, isWorthReaping), { code: 'ERR_QW_NO_SPACE' });
  assert.deepEqual(asked, [join(realpathSync(dir), 'full')]);
});
