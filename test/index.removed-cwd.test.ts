// A server whose working directory was removed: what needs no name for it works, and a path relative to it is refused by name.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './helpers/cli.js';
import { repoRoot } from './helpers/paths.js';
import { scene } from './helpers/scene.js';

const SERVER = `const { rmdirSync } = require('node:fs');
  const { doctor, listSessions, openSession, profile, reap, removeSession, runAgent, startReaper } = require('qw-run');
  const [gone] = process.argv.slice(1);
  process.chdir(gone);
  rmdirSync(gone);
  const say = async (what, call) => {
    try { console.log(what, await call()); } catch ({ code, message }) { console.log(what, code, message.split(' ')[0]); }
  };
  (async () => {
    await say('open', async () => (await (await openSession()).end()).state);
    await say('run', async () => (await (await runAgent('sh', ['-c', 'exit 3'])).result).exitCode);
    await say('list', async () => (await listSessions()).sessions.length);
    await say('reap', async () => (await reap()).removed.length);
    await say('profile', () => profile({ command: 'x', tmpdir: '/tmp' }).file);
    const cwd = 'x', root = 'x';
    await say('cwd', () => openSession({ cwd }));
    await say('cwd', () => runAgent('true', [], { cwd }));
    await say('cwd', () => profile({ command: 'x', tmpdir: '/tmp', cwd }));
    await say('root', () => listSessions({ root }));
    await say('root', () => reap({ root }));
    await say('root', () => removeSession('abcd1234', { root }));
    await say('root', () => startReaper({ root }));
    await say('TMPDIR', () => listSessions({ env: { ...process.env, TMPDIR: 'x' } }));
    process.exit();
  })();`;

test('in a working directory that was removed', async (t) => {
  const here = scene(t);
  const gone = join(here.box.dir, 'gone');
  mkdirSync(gone);
  const { code, stdout, stderr } = await run('-e', [SERVER, gone], { ...here.options, cwd: repoRoot });
  assert.deepEqual([code, stderr], [0, '']);
  const works = 'open removed\nrun 3\nlist 0\nreap 0\nprofile x\n';
  const refused = ['cwd', 'cwd', 'cwd', 'root', 'root', 'root', 'root', 'TMPDIR'];
  assert.equal(stdout, works + refused.map((what) => `${what} ERR_QW_USAGE ${what}\n`).join(''));
  here.nothingLeft();
});
