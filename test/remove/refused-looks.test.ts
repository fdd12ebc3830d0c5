// What the system refuses while something is removed (no descriptor left, a read-only or broken file system) stops neither the rest
// nor the process, and nothing stays behind that a later pass would not take.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { emptyTrash } from '#src/reap/empty-trash.js';
import { measure } from '#src/reap/measure.js';
import { atTheFarEnd } from '#src/remove/far-end.js';
import { removeTree, removeTrees } from '#src/remove/remove-tree.js';
import { moveToTrash } from '#src/remove/trash.js';
import { forge, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

/** From now on this call fails with `code` for paths that `isMeant`; gives the undo. */
function refuse(
  t: TestContext,
  call: 'readFileSync' | 'readdirSync' | 'renameSync' | 'lstatSync',
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

const isMountinfo = (path: string) => path === '/proc/self/mountinfo';
const skip = process.platform !== 'linux' && 'the faults are those of Linux';

describe('removing, where a look is refused', { skip }, () => {
  test('the far end of a tree is left alone where mounts cannot be read', (t) => {
    const { tmpdir } = forge(sandbox(t), 'wide0001', { files: ['a/1', 'b/2', 'c/3', 'd/4'] });
    refuse(t, 'readFileSync', 'EMFILE', isMountinfo);
    assert.equal(
      atTheFarEnd([tmpdir], () => 'named'),
      undefined,
    );
  });

  test('a tree that cannot be looked at is told, and is the next pass’s although we live', async (t) => {
    const box = sandbox(t);
    const { dir } = forge(box, 'gone0001');
    const trashed = moveToTrash(box.root, dir) ?? '';
    const undo = refuse(t, 'readFileSync', 'EMFILE', isMountinfo);
    const [failure, ...others] = await removeTree(trashed);
    assert.match(failure?.reason ?? '', /EMFILE/);
    assert.deepEqual(others, []);
    assert.equal([...(await removeTrees([failure?.path ?? ''])).values()].flat().length, 1);
    undo();
    assert.deepEqual(await emptyTrash([box.root]), []);
    assert.deepEqual(box.left(), []);
  });

  test('what was to be looked at once more waits for the next pass where processes cannot be listed', async (t) => {
    const box = sandbox(t);
    const { dir } = forge(box, 'gone0001');
    const trashed = moveToTrash(box.root, dir, 'on-trial') ?? '';
    fs.renameSync(trashed, trashed.replace(/\.\d+-\d+-/, '.0-0-')); // its remover died
    const undo = refuse(t, 'readdirSync', 'EMFILE', (path) => path === '/proc');
    await assert.rejects(emptyTrash([box.root]), { code: 'EMFILE' });
    undo();
    assert.deepEqual(await emptyTrash([box.root]), []);
    assert.deepEqual(box.left(), []);
  });

  test('a leftover that cannot be renamed stops no other: read-only it stays, on a full disk it goes', async (t) => {
    const box = sandbox(t);
    const stuck = (root: string) => put(join(root, '.trash/dead0001.1-1-aaaaaaaa/file'));
    const other = join(box.dir, 'other');
    for (const root of [box.root, other]) stuck(root);
    const isStuck = (path: string) => path.endsWith('/dead0001.1-1-aaaaaaaa');
    const isRefused = () => readdirSync(join(box.root, '.trash'));
    const undo = refuse(t, 'renameSync', 'EROFS', isStuck);
    assert.deepEqual(await emptyTrash([box.root]), []);
    assert.equal(isRefused().length, 1);
    undo();
    refuse(t, 'renameSync', 'EDQUOT', isStuck);
    assert.deepEqual(await emptyTrash([box.root, other]), []);
    assert.deepEqual([isRefused(), readdirSync(join(other, '.trash'))], [[], []]);
  });

  test('a mount whose program is gone is left out of a measure', async (t) => {
    const { tmpdir } = forge(sandbox(t), 'fuse0001', { files: ['file'] });
    mkdirSync(join(tmpdir, 'mnt'));
    refuse(t, 'lstatSync', 'ENOTCONN', (path) => path.endsWith('/mnt'));
    assert.equal((await measure(tmpdir)).entries, 1);
    assert.ok(existsSync(tmpdir));
  });
});
