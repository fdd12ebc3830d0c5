// Which sockets are bound under a session's T, as procfs writes it: odd names, look-alikes, and who has them open.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { inTurns } from '#src/clock.js';
import { fs } from '#src/fs.js';
import { boundSockets } from '#src/process/unix-sockets.js';
import { sandbox } from '../helpers/sandbox.js';

describe('bound sockets', () => {
  const ROOT = '/tmp/qw-1000';
  const DIR = `${ROOT}/aaaaaaaa`;
  const bound = (inode: number, path: string) =>
    `0000000000000000: 00000002 00000000 00010000 0001 01 ${inode}${path && ' '}${path}\n`;
  /** The table of sockets that procfs has for us, forged. */
  const forged = (t: TestContext, table: string) => {
    const file = join(sandbox(t).cwd, 'unix');
    fs.appendFileSync(file, `Num       RefCount Protocol Flags    Type St Inode Path\n${table}`);
    const { openSync } = fs;
    t.mock.method(fs, 'openSync', ((path: string, ...rest: ['r']) =>
      openSync(path === '/proc/self/net/unix' ? file : path, ...rest)) as typeof openSync);
    return inTurns(boundSockets({ roots: [ROOT] }));
  };
  test('under T are found, others are not', async (t) => {
    const inside = [`${DIR}/tmp/s`, `${DIR}/tmp/a b/ /s`, `${DIR}/tmp/s (deleted)`, `${DIR}/tmp/a\nb`];
    const outside = [
      '',
      `@${DIR}/tmp/s`,
      `@ ${ROOT}`,
      `${DIR}/tmp-other/s`,
      `${DIR}/s`,
      `${ROOT}x/aaaaaaaa/tmp/s`,
      'tmp/s',
    ];
    const sockets = await forged(
      t,
      [...inside, ...outside].map((path, at) => bound(100 + at, path)).join(''),
    );
    const found = sockets.unclaimed();
    assert.deepEqual(
      found.map(({ dir, what }) => [dir, what]),
      inside.map(() => [DIR, 'socket']),
    );
    assert.deepEqual(
      found.slice(0, 3).map(({ path }) => path),
      inside.slice(0, 3),
    );
  });
  test('by an abstract name are none, whatever it looks like', async (t) => {
    assert.deepEqual((await forged(t, bound(100, `@ ${DIR}/tmp/s`))).unclaimed(), []);
  });
  test('are claimed by whoever has the inode open, and are no strays then', async (t) => {
    const sockets = await forged(t, bound(100, `${DIR}/tmp/s`) + bound(200, `${DIR}/tmp/t`));
    assert.deepEqual(
      (await inTurns(sockets.claim(process.pid, '100'))).map(({ path }) => path),
      [`${DIR}/tmp/s`],
    );
    assert.deepEqual(await inTurns(sockets.claim(process.pid, '10')), []);
    assert.deepEqual(
      sockets.unclaimed().map(({ path }) => path),
      [`${DIR}/tmp/t`],
    );
  });
  test('are found among many, which are read by the piece', async (t) => {
    const many = Array.from({ length: 20_000 }, (_, at) => bound(1_000 + at, `/run/other/s${at}`));
    const sockets = await forged(t, `${many.join('')}${bound(100, `${DIR}/tmp/s`)}${many.join('')}`);
    assert.deepEqual(
      sockets.unclaimed().map(({ path }) => path),
      [`${DIR}/tmp/s`],
    );
  });
  test('of a real server are found', async (t) => {
    const root = sandbox(t).root;
    const tmp = join(root, 'bbbbbbbb', 'tmp');
    mkdirSync(tmp, { recursive: true });
    const server = createServer();
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(join(tmp, 's'), resolve));
    assert.deepEqual(
      (await inTurns(boundSockets({ roots: [root] }))).unclaimed().map(({ dir }) => dir),
      [join(root, 'bbbbbbbb')],
    );
  });
});
