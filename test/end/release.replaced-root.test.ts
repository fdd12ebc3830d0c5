// A root that is not the one the session was opened in: what lies there is not ours, whatever its name.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSession } from 'qw-run';
import { removeEnded } from '#src/end/release.js';
import { fs } from '#src/fs.js';
import type { Lease } from '#src/lease/lease.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';
import { forge, leaseOf, put } from '../helpers/reaping.js';
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

test('a marker that cannot be opened just now, out of descriptors, says nothing: the session stays', async (t) => {
  const box = sandbox(t);
  const lease = leaseOf('dead1234') as unknown as Lease;
  const { root } = box;
  const { dir } = forge(box, 'dead1234', { lease: { ...lease } });
  const options = { root, dir, lease, spare: [], maxAgeMs: 1, lastSeenAt: 0, clock: WALL_CLOCK };
  const real = fs.openSync;
  const open = t.mock.method(fs, 'openSync', ((path: string, ...rest: [number]) => {
    if (path === join(root, '.qw-root')) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    return real(path, ...rest);
  }) as typeof real);
  const { state, failed } = await removeEnded(options);
  assert.deepEqual(
    [state, failed.map(({ reason }) => reason)],
    ['failed', ['it cannot be looked at (EMFILE)']],
  );
  open.mock.restore();
  assert.equal((await removeEnded(options)).state, 'removed');
});
