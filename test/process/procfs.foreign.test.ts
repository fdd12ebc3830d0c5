// A pid namespace with the procfs of another on /proc: its numbers are others' here. Nobody is looked for by them, so nobody is ended by mistake.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { noIsolation } from '../helpers/isolation.js';
import { fixture, qwRun, qwTmp } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';
import { script, standIns } from '../helpers/stand-ins.js';

const skip = noIsolation();

function there({ options }: Scene, ...args: string[]) {
  const namespace = ['--unshare-pid', '--die-with-parent', '--dev-bind', '/', '/', process.execPath];
  return spawnSync('bwrap', [...namespace, ...args], { ...options, encoding: 'utf8', timeout: 120_000 });
}

test('a session works as without procfs', { skip }, (t) => {
  const here = scene(t);
  const { status, stderr } = there(here, qwRun, 'sh', '-c', 'mktemp >/dev/null; exit 3');
  assert.deepEqual({ status, stderr }, { status: 3, stderr: '' });
  const { machine } = JSON.parse(there(here, qwTmp, 'doctor', '--json').stdout);
  assert.equal(machine.procfs.isThere, false);
  here.nothingLeft();
});

test('isolation is refused with the reason', { skip }, (t) => {
  const here = scene(t);
  const { status, stderr } = there(here, qwRun, '--isolate', 'tmpfs', 'true');
  assert.equal(status, 125);
  assert.match(stderr, /^qw-run: no isolation here: \/proc does not show this process: .*; mount -t proc/);
  here.nothingLeft();
});

test('whom ps calls a child of the agent is a stranger here, and not ended with it', { skip }, (t) => {
  const here = scene(t);
  const bin = join(here.box.dir, 'bin');
  script(bin, 'ps', `echo "$@" >>${join(bin, 'asked')}`);
  Object.assign(here.options.env, standIns(bin).env);
  const { stdout, stderr } = there(here, fixture('end-beside-a-neighbour.mjs'));
  assert.deepEqual({ stdout, stderr }, { stdout: 'SIGKILL SIGTERM\n', stderr: '' });
  assert.ok(!existsSync(join(bin, 'asked')));
});
