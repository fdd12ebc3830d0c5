// A full disk: a root is reaped and tried again before the next one is taken, each once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QwRunError } from '#src/errors.js';
import { type IsWorthReaping, withRoom } from '#src/run/with-room.js';

/** Opens in the first of `roots` that has room, as `withUsableRoot` does; reaping makes it in some. */
async function opened(roots: readonly string[], reapable: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const tried: string[] = [];
  const free = new Set<string>();
  const open = (isWorthReaping: IsWorthReaping) => {
    for (const root of roots) {
      tried.push(root);
      if (free.has(root)) return root;
      const why = new QwRunError('ERR_QW_NO_SPACE', `${root} is full`, { cause: { code: 'ENOSPC' } });
      if (isWorthReaping(root, why)) throw why;
    }
    throw new QwRunError('ERR_QW_NO_SPACE', 'all are full');
  };
  const makeRoom = async (root: string) => {
    tried.push(`reap ${root}`);
    if (reapable.includes(root)) free.add(root);
  };
  const env0 = { TMPDIR: '/nowhere', HOME: '/nowhere', ...env };
  const root = await withRoom({ env: env0 }, open, makeRoom).catch(({ code }) => code);
  return [root, ...tried];
}

for (const [what, reapable, expected] of [
  ['room is made in the first', ['/a'], ['/a', '/a', 'reap /a', '/a']],
  ['in the second only', ['/b'], ['/b', '/a', 'reap /a', '/a', '/b', 'reap /b', '/a', '/b']],
  ['nowhere', [], ['ERR_QW_NO_SPACE', '/a', 'reap /a', '/a', '/b', 'reap /b', '/a', '/b']],
] as const)
  test(`of two full roots: ${what}`, async () =>
    assert.deepEqual(await opened(['/a', '/b'], reapable), expected));

test('QW_REAP=off: nothing is reaped', async () =>
  assert.deepEqual(await opened(['/a'], ['/a'], { QW_REAP: 'off' }), ['ERR_QW_NO_SPACE', '/a']));
