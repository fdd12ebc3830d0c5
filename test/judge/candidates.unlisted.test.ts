// A policy (AppArmor, Landlock) may let us read what is in procfs and not list it. Then nobody is seen, which is not nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { candidates } from '#src/judge/candidates.js';
import { forge, identityOf, leaseOf, realm } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

test('where processes cannot be listed a living owner lives, and the rest is kept while it is young', async (t) => {
  const box = sandbox(t);
  const createdAt = '2020-01-01T00:00:00.000Z';
  const owners = { here1234: identityOf(process.pid), dead1234: { pid: 2 ** 22 + 1, startTime: 1 } };
  for (const [id, owner] of Object.entries(owners)) {
    const lease = leaseOf(id, { owner: { ...owner, ...realm(), uid: process.getuid?.() }, createdAt });
    forge(box, id, { lease });
  }
  for (const name of ['openSync', 'readdirSync'] as const) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    t.mock.method(fs, name, (path: unknown, ...rest: unknown[]) => {
      if (path === '/proc') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return real(path, ...rest);
    });
  }
  const found = await candidates({ roots: [box.root], maxAgeMs: 72 * 3_600_000, spare: [] });
  assert.deepEqual(found.map(({ id, state, reason }) => [id, state, reason]).sort(), [
    ['dead1234', 'unknown', 'processes-unseen'],
    ['here1234', 'live', 'owner-alive'],
  ]);
});
