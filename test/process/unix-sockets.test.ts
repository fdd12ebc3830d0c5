// Which sockets are bound under a session's T, as procfs writes it: odd names, look-alikes, and who has them open.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { inTurns } from '#src/clock.js';
import { fs } from '#src/fs.js';
import { socketPlaces } from '#src/process/socket-place.js';
import { boundSockets } from '#src/process/unix-sockets.js';
import { sandbox } from '../helpers/sandbox.js';

describe('bound sockets', () => {
  const self = { pid: process.pid, thread: process.pid };
  const ROOT = '/tmp/qw-1000';
  const DIR = `${ROOT}/aaaaaaaa`;
  const bound = (inode: number, path: string) =>
    `0000000000000000: 00000002 00000000 00010000 0001 01 ${inode}${path && ' '}${path}\n`;
  /** The table of sockets that procfs has for us, forged. */
  const forged = (t: TestContext, table: string) => {
    const file = join(sandbox(t).cwd, 'unix');
    appendFileSync(file, `Num       RefCount Protocol Flags    Type St Inode Path\n${table}`);
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
    const found = await inTurns(sockets.unclaimed());
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
    assert.deepEqual(await inTurns((await forged(t, bound(100, `@ ${DIR}/tmp/s`))).unclaimed()), []);
  });
  test('are claimed by whoever has the inode open, and are no strays then', async (t) => {
    const sockets = await forged(t, bound(100, `${DIR}/tmp/s`) + bound(200, `${DIR}/tmp/t`));
    assert.deepEqual((await inTurns(sockets.claim(self, '100'))).hold?.path, `${DIR}/tmp/s`);
    assert.equal((await inTurns(sockets.claim(self, '10'))).hold, undefined);
    assert.deepEqual(
      (await inTurns(sockets.unclaimed())).map(({ path }) => path),
      [`${DIR}/tmp/t`],
    );
  });
  test('are found among many, which are read by the piece', async (t) => {
    const many = Array.from({ length: 20_000 }, (_, at) => bound(1_000 + at, `/run/other/s${at}`));
    const sockets = await forged(t, `${many.join('')}${bound(100, `${DIR}/tmp/s`)}${many.join('')}`);
    assert.deepEqual(
      (await inTurns(sockets.unclaimed())).map(({ path }) => path),
      [`${DIR}/tmp/s`],
    );
  });
  test('on a mount that may never answer are not asked for there, whatever link leads to it', (t) => {
    const { cwd } = sandbox(t);
    mkdirSync(join(cwd, 'served'));
    symlinkSync('served', join(cwd, 'link'));
    const { readFileSync, lstatSync } = fs;
    const line = `99 1 0:99 / ${cwd}/served rw - fuse.sshfs far: rw\n`;
    t.mock.method(fs, 'readFileSync', ((path: string, ...rest: ['utf8']) =>
      path === '/proc/self/mountinfo'
        ? `${readFileSync(path, 'utf8')}${line}`
        : readFileSync(path, ...rest)) as typeof readFileSync);
    const asked: string[] = [];
    t.mock.method(fs, 'lstatSync', ((path: string, ...rest: []) => {
      asked.push(path);
      return lstatSync(path, ...rest);
    }) as typeof lstatSync);
    const place = socketPlaces();
    assert.equal(place(process.pid, `${cwd}/link/s`), `${cwd}/link/s`);
    assert.equal(place(process.pid, `${cwd}/link/s`.slice(1)), undefined);
    assert.ok(asked.includes(join(cwd, 'link')));
    assert.deepEqual(
      asked.filter((path) => path.includes('/served')),
      [],
    );
  });
  test('of a real server are found', async (t) => {
    const root = sandbox(t).root;
    const tmp = join(root, 'bbbbbbbb', 'tmp');
    mkdirSync(tmp, { recursive: true });
    const server = createServer();
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(join(tmp, 's'), resolve));
    const sockets = await inTurns(boundSockets({ roots: [root] }));
    assert.deepEqual(
      (await inTurns(sockets.unclaimed())).map(({ dir }) => dir),
      [join(root, 'bbbbbbbb')],
    );
  });
});
