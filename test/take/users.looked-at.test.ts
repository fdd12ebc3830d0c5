// Who of us looks through a session holds directories of it open meanwhile. That is no use of it: nobody keeps a
// session for it, and the look goes on without harm when the session is gone.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { openSession } from '#src/index.js';
import { start } from '../helpers/cli.js';
import { opened } from '../helpers/opened.js';
import { fixture, qwTmp } from '../helpers/paths.js';
import { kill, stateOf } from '../helpers/processes.js';
import { preload } from '../helpers/quoted.js';
import { forge, leaseOf, put, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = process.platform !== 'linux' && 'descriptors are names on Linux alone';

/** `qw-tmp list` that stands still in a directory of `tmpdir`. */
async function lister(here: Scene, tmpdir: string) {
  const { env, ...options } = here.options;
  const stopping = { ...env, ...preload(fixture('stop-in-directory.cjs')), STOP_IN: tmpdir };
  const running = start(qwTmp, ['list', '--json'], { ...options, env: stopping });
  await waitUntil('it is in there', () => stateOf(running.pid) === 'T');
  return running;
}

test('a session ends while somebody lists it', { skip }, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  put(join(session.tmpdir, 'a/b/file'));
  const { pid, done } = await lister(here, session.tmpdir);
  const { state, left } = await session.end();
  assert.deepEqual([state, left], ['removed', []]);
  assert.deepEqual(here.box.left(), []);
  kill(pid, 'SIGCONT');
  const { code, stderr } = await done;
  assert.deepEqual([code, stderr], [0, '']);
});

test('an orphan goes while somebody lists it', { skip }, async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: ['a/b/file'] });
  const { pid, done } = await lister(here, tmpdir);
  assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
  assert.ok(!existsSync(tmpdir));
  kill(pid, 'SIGCONT');
  const { code, stderr } = await done;
  assert.deepEqual([code, stderr], [0, '']);
});

test('a directory that it closes while it is asked for what it has open is no file in use', {
  skip,
}, async (t) => {
  const here = scene(t);
  const session = await openSession({ env: here.box.env }); // not the bundle's: its doors are watched
  t.after(() => session.end());
  const script = put(
    join(here.box.dir, 'qw-tmp.cjs'),
    `const fs = require('fs'), open = () => fs.openSync(process.argv[2], fs.constants.O_DIRECTORY);
    const fd = open();
    process.on('SIGUSR1', open).on('SIGUSR2', () => fs.closeSync(fd));
    console.log('has ' + fd + ' '); setInterval(() => {}, 60000)`,
  );
  const { pid, says, done } = start(script, [session.tmpdir], here.options);
  const fd = /has (\d+) /.exec(await says(/has \d+ /))?.[1];
  const isOpen = () => existsSync(`/proc/${pid}/fd/${fd}`);
  const { openSync, readFileSync } = fs;
  let isMet = false;
  t.mock.method(fs, 'openSync', ((path: string, flags: number) => {
    // Not in a later look, under load, when the session has been moved away.
    if (path === `/proc/${pid}/environ` && existsSync(session.tmpdir)) {
      if (!isOpen()) kill(pid, 'SIGUSR1');
      while (!isOpen());
    }
    return openSync(path, flags);
  }) as typeof openSync);
  t.mock.method(fs, 'readFileSync', ((path: string, ...more: []) => {
    if (path === `/proc/${pid}/fdinfo/${fd}`) {
      isMet = true;
      kill(pid, 'SIGUSR2');
      while (isOpen());
    }
    return readFileSync(path, ...more);
  }) as typeof readFileSync);
  const { state, left } = await session.end();
  assert.deepEqual([state, left, isMet], ['removed', [], true]);
  kill(pid, 'SIGKILL');
  await done;
});

test('what bears the name of a tool of ours and has a file open uses it all the same', {
  skip,
}, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  const script = put(
    join(here.box.dir, 'qw-tmp.cjs'),
    `require('fs').openSync(process.argv[2]); console.log('ready'); setInterval(() => {}, 60000)`,
  );
  const user = start(script, [put(join(session.tmpdir, 'file'))], here.options);
  await user.says('ready');
  assert.equal((await session.end()).state, 'held');
  kill(user.pid, 'SIGKILL');
  await user.done;
});
