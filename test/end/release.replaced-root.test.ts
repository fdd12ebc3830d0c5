// A root that is not the one the session was opened in: what lies there is not ours, whatever its name.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSession } from 'qw-run';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

test('another directory in its place stays whole, and the end says so', async (t) => {
  const { root, env } = sandbox(t);
  const session = await openSession({ root, env, command: ['true'] });
  renameSync(root, `${root}-away`);
  mkdirSync(join(root, session.id, 'tmp'), { recursive: true, mode: 0o700 });
  const thesis = put(join(root, session.id, 'tmp/thesis'));
  const { state, failed } = await session.end();
  assert.equal(state, 'failed');
  assert.match(failed[0]?.reason ?? '', /has no marker of ours/);
  assert.deepEqual(readdirSync(join(thesis, '..')), ['thesis']);
  rmSync(root, { recursive: true });
});

test('the marker alone is gone: the session goes all the same', async (t) => {
  const { root, env } = sandbox(t);
  const session = await openSession({ root, env, command: ['true'] });
  unlinkSync(join(root, '.qw-root'));
  assert.equal((await session.end()).state, 'removed');
});
