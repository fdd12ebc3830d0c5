// The real daemons of turbo and nx, one for a workspace, started by the first build: with its socket in T no build after the session
// finds it again, so it ends with it; with its socket elsewhere the builds of other terminals use it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { daemonScene, likeThis, missing } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { killed, put } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const READY = 'echo "ready $$ "';

test("turbo's daemon is ended with the session", { skip: missing('turbo', 'git') }, async (t) => {
  const here = daemonScene(t);
  const env = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  Object.assign(here.options.env, env);
  const dir = workspace(here, {
    'package.json': '{"name":"w","private":true,"packageManager":"npm@11.0.0","workspaces":["packages/*"]}',
    'package-lock.json': '{"name":"w","version":"1.0.0","lockfileVersion":3,"packages":{}}',
    'turbo.json': '{"tasks":{"build":{}}}',
  });
  for (const _ of [1, 2, 3]) {
    const { leave } = await agentThat(here, [], `cd '${dir}'; turbo daemon start >/dev/null 2>&1; ${READY}`);
    const pids = await likeThis(here, /turbo --skip-infer daemon/);
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.deepEqual(pids.filter(isAlive), [], stderr);
    assert.deepEqual(here.box.left(), [], stderr);
    here.nothingLeft();
  }
});

const skip = missing('nx', 'git');
const NX_DAEMON = /\/nx\/.*daemon\/server\/start/;

test("nx's daemon is ended with the session when its socket lies in T", { skip }, async (t) => {
  const here = daemonScene(t);
  const dir = nxWorkspace(here);
  for (const _ of [1, 2, 3]) {
    const start = `mkdir -m 700 "$TMPDIR/nx"; cd '${dir}'; NX_SOCKET_DIR="$TMPDIR/nx" nx daemon --start`;
    const { leave } = await agentThat(here, [], `${start} >/dev/null 2>&1; ${READY}`);
    const pids = await likeThis(here, NX_DAEMON);
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.deepEqual(pids.filter(isAlive), [], stderr);
    here.nothingLeft();
  }
});

test("nx's daemon lives on when its socket lies elsewhere, and T goes", { skip }, async (t) => {
  const here = daemonScene(t);
  const dir = nxWorkspace(here);
  // The default of nx 24 is below /tmp, whatever TMPDIR says.
  const start = `mkdir -m 700 ~/nx; cd '${dir}'; NX_SOCKET_DIR="$HOME/nx" nx daemon --start`;
  const { leave } = await agentThat(here, [], `${start} >/dev/null 2>&1; ${READY}`);
  const [pid = 0] = await likeThis(here, NX_DAEMON);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(pid), stderr);
  assert.deepEqual(here.box.left(), []);
  for (const one of here.processes()) await killed(one);
  await here.nothingLeftSoon();
});

function nxWorkspace(here: Scene): string {
  Object.assign(here.options.env, {
    NX_DAEMON: 'true',
    NX_NO_CLOUD: 'true',
    NX_SKIP_NATIVE_FILE_CACHE: 'true',
  });
  const dir = workspace(here, { 'package.json': '{"name":"w","private":true}', 'nx.json': '{}' });
  const nx = realpathSync(execFileSync('sh', ['-c', 'command -v nx'], { encoding: 'utf8' }).trim());
  symlinkSync(nx.replace(/\/node_modules\/nx\/.*/, '/node_modules'), join(dir, 'node_modules'));
  return dir;
}

/** A git repository with these files, beside the working directory. */
function workspace({ box }: Scene, files: Record<string, string>): string {
  const dir = join(box.dir, 'ws');
  for (const [name, text] of Object.entries(files)) put(join(dir, name), text);
  execFileSync('git', ['init', '-q', dir], { stdio: 'ignore', env: { ...process.env, HOME: dirname(dir) } });
  return dir;
}
