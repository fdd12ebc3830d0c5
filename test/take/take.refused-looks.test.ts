// What the system refuses while something is removed (no descriptor left, a read-only or broken file system) stops neither the rest
// nor the process, and nothing stays behind that a later pass would not take.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { take } from '#src/take/take.js';
import { usersOf } from '#src/take/users.js';
import { measure } from '#src/tree/measure.js';
import { deadClaim } from '../helpers/claims.js';
import { finished } from '../helpers/finished.js';
import { forge, HOUR, leaseOf, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

/** From now on this call fails with `code` for paths that `isMeant`; gives the undo. */
function refuse(
  t: TestContext,
  call: 'readFileSync' | 'readdirSync' | 'renameSync' | 'openSync',
  code: string,
  isMeant: (path: string) => boolean,
): () => void {
  const real = fs[call] as (...args: unknown[]) => unknown;
  const { mock } = t.mock.method(fs, call, ((path: unknown, ...rest: unknown[]) => {
    if (isMeant(String(path))) throw Object.assign(new Error(code), { code });
    return real(path, ...rest);
  }) as never);
  return () => mock.restore();
}

const POLICY = { maxAgeMs: 72 * HOUR, spare: [] };
const leaseText = () => JSON.stringify(leaseOf('dead0001'));
const isMountinfo = (path: string) => path === '/proc/self/mountinfo';
const skip = process.platform !== 'linux' && 'the faults are those of Linux';

describe('removing, where a look is refused', { skip }, () => {
  test('a session that cannot be looked at again is given back', async (t) => {
    const box = sandbox(t);
    const { dir } = forge(box, 'gone0001', { lease: leaseOf('gone0001') });
    const undo = refuse(t, 'readdirSync', 'EMFILE', (path) => path === '/proc');
    const thing = { kind: 'session', path: dir, base: box.root } as const;
    const [taken] = await take([thing], { lookAgain: usersOf });
    assert.deepEqual([taken?.outcome, taken?.reason], ['used', 'cannot be looked at (EMFILE)']);
    assert.deepEqual(box.left(), ['gone0001']);
    undo();
    assert.equal((await take([thing], { lookAgain: usersOf }))[0]?.outcome, 'removed');
    assert.deepEqual(box.left(), []);
  });

  test('where mounts cannot be read, nothing is moved', async (t) => {
    const box = sandbox(t);
    const { dir } = forge(box, 'gone0001', { lease: leaseOf('gone0001') });
    refuse(t, 'readFileSync', 'EMFILE', isMountinfo);
    const [taken] = await take([{ kind: 'session', path: dir, base: box.root }], { lookAgain: usersOf });
    assert.match(taken?.failed[0]?.reason ?? '', /EMFILE/);
    assert.deepEqual(box.left(), ['gone0001']);
  });

  test('a dead claim that cannot be renamed stops no other: read-only it stays, on a full disk it goes', async (t) => {
    const box = sandbox(t);
    const name = `dead0001.${deadClaim()}`;
    const other = join(box.dir, 'other');
    for (const root of [box.root, other]) put(join(root, '.trash', name, 'lease.json'), leaseText());
    const isStuck = (path: string) => path.endsWith(`/${name}`);
    const inTrash = (root: string) => readdirSync(join(root, '.trash'));
    const undo = refuse(t, 'renameSync', 'EROFS', isStuck);
    assert.deepEqual((await finished([box.root], POLICY)).failed, []);
    assert.equal(inTrash(box.root).length, 1);
    undo();
    refuse(t, 'renameSync', 'EDQUOT', isStuck);
    assert.deepEqual((await finished([box.root, other], POLICY)).failed, []);
    assert.deepEqual([inTrash(box.root), inTrash(other)], [[], []]);
  });

  test('a mount whose program is gone is left out of a measure', async (t) => {
    const { tmpdir } = forge(sandbox(t), 'fuse0001', { files: ['file'] });
    mkdirSync(join(tmpdir, 'mnt'));
    refuse(t, 'openSync', 'ENOTCONN', (path) => path.endsWith('/mnt'));
    assert.equal((await measure(tmpdir)).entries, 1);
    assert.ok(existsSync(tmpdir));
  });
});
