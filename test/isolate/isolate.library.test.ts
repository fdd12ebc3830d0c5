// The library: what a server spawns, through a pseudo-terminal of its own or through execa.
import assert from 'node:assert/strict';
import { basename, relative } from 'node:path';
import { test } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { openSession, type QwRunError, runAgent } from 'qw-run';
import { noIsolation, seers } from '../helpers/isolation.js';
import { scene } from '../helpers/scene.js';

const skip = noIsolation();

test('session.command is the command itself without isolation', async (t) => {
  const here = scene(t);
  const session = await openSession({ env: here.box.env });
  assert.deepEqual(session.command('sh', ['-c', 'x']), { file: 'sh', args: ['-c', 'x'] });
  await session.end();
  here.nothingLeft();
});

test('session.command takes a pseudo-terminal inside, twice in the same files', { skip }, async (t) => {
  const here = scene(t);
  const session = await openSession({ env: here.box.env, isolate: 'tmpfs' });
  t.after(() => session.end());
  const inPty = async (script: string) => {
    const { file, args } = session.command('sh', ['-c', script], { cwd: here.box.cwd });
    const term = spawn(file, args, { env: session.env(here.options.env), cwd: here.box.cwd });
    try {
      session.adopt(term.pid);
    } catch (error) {
      assert.equal((error as QwRunError).code, 'ERR_QW_NO_PROCESS'); // it was that quick
    }
    let out = '';
    term.onData((data) => {
      out += data;
    });
    return new Promise<string>((resolve) => term.onExit(() => resolve(out)));
  };
  await inPty('echo first >"$TMPDIR/f"');
  assert.equal(await inPty('cat "$TMPDIR/f"; pwd'), `first\r\n${here.box.cwd}\r\n`);
  const { state } = await session.end();
  assert.equal(state, 'removed');
  assert.deepEqual(seers(basename(here.box.dir)), []);
  here.nothingLeft();
});

test('session.args is refused where it would start the agent outside', { skip }, async (t) => {
  const here = scene(t);
  const session = await openSession({ env: { ...here.box.env, QW_ISOLATE: 'tmp' } });
  assert.throws(() => session.args('sh', []), {
    name: 'QwRunError',
    code: 'ERR_QW_ISOLATION',
    message: /command\(\)/,
  });
  await session.end();
  here.nothingLeft();
});

test('runAgent goes inside by itself', { skip }, async (t) => {
  const here = scene(t);
  const { result } = await runAgent('sh', ['-c', 'df --output=fstype "$TMPDIR" | tail -1; exit 4'], {
    env: here.options.env,
    cwd: here.box.cwd,
    isolate: 'tmpfs',
  });
  const { exitCode, stdout } = await result;
  assert.deepEqual({ exitCode, stdout }, { exitCode: 4, stdout: 'tmpfs' });
  here.nothingLeft();
});

test('a relative working directory is the one it is outside', { skip }, async (t) => {
  const here = scene(t);
  const cwd = relative(process.cwd(), here.box.cwd);
  const { result } = await runAgent('pwd', [], { env: here.options.env, cwd, isolate: 'tmp' });
  assert.equal((await result).stdout, here.box.cwd);
  here.nothingLeft();
});
