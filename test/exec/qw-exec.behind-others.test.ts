// The launcher behind programs that start and watch others: what they started is the agent itself.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { command } from '../helpers/exec.js';
import { nodeOf, notInstalled } from '../helpers/nodes.js';
import { qwExec, qwRun } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAYS = 'echo "ready $$ "; exec sleep 600';
const parentOf = (pid: number) =>
  Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
/** The shell becomes the program. */
const behind = ({ options }: Scene, ...words: string[]) =>
  start('/bin/sh', ['-c', 'exec "$0" "$@"', ...words], options);
const hasTmux = spawnSync('tmux', ['-V']).status === 0;

test('timeout: the agent is its child, and gets its signal', async (t) => {
  const here = scene(t);
  const timeout = behind(here, 'timeout', '600', qwExec, command(here, STAYS));
  const agent = await readyPid(timeout.says);
  assert.equal(parentOf(agent), timeout.pid);
  process.kill(timeout.pid, 'SIGTERM');
  assert.equal((await timeout.done).signal, 'SIGTERM');
  await here.nothingLeftSoon();
});

test('nohup: a hangup does not reach the agent', async (t) => {
  const here = scene(t);
  const nohup = behind(here, 'nohup', qwExec, command(here, STAYS));
  const agent = await readyPid(nohup.says);
  assert.equal(agent, nohup.pid);
  process.kill(agent, 'SIGHUP');
  assert.match(readFileSync(`/proc/${agent}/status`, 'utf8'), /^SigIgn:\t[0-9a-f]*1$/m);
  process.kill(agent, 'SIGTERM');
  assert.equal((await nohup.done).signal, 'SIGTERM');
  await here.nothingLeftSoon();
});

describe('tmux', { skip: !hasTmux && 'no tmux here' }, () => {
  test('each window has its agent and its TMPDIR; one that is closed takes its own along', async (t) => {
    const here = scene(t);
    const tmux = serverOf(t, here);
    const agent = command(here, 'exec sleep 600');
    for (const name of ['one', 'two']) tmux('new-window', '-d', '-t', 'main:', '-n', name, qwExec, agent);
    const pidOf = (name: string) => Number(tmux('list-panes', '-t', `main:${name}`, '-F', '#{pane_pid}'));
    const tmpdirOf = (name: string) =>
      /(?:^|\0)TMPDIR=([^\0]*)/.exec(readFileSync(`/proc/${pidOf(name)}/environ`, 'utf8'))?.[1] ?? '';
    const isThere = () => ['one', 'two'].every((name) => tmpdirOf(name).startsWith(here.box.root));
    await waitUntil('both are the agent', isThere);
    const [one, two] = [tmpdirOf('one'), tmpdirOf('two')];
    assert.notEqual(one, two);
    const stays = pidOf('two');
    tmux('kill-window', '-t', 'main:one');
    await waitUntil('its session is gone', () => here.box.left().length === 1);
    assert.ok(isAlive(stays));
    tmux('kill-server');
    await here.nothingLeftSoon();
  });
});

/** A server of the test's own, with a window that stays. */
function serverOf(t: TestContext, { box, options }: Scene) {
  const socket = join(box.dir, 'tmux');
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { ...options, encoding: 'utf8' }).trim();
  tmux('new-session', '-d', '-s', 'main', 'sleep', '600');
  t.after(() => spawnSync('tmux', ['-S', socket, 'kill-server']));
  return tmux;
}

for (const version of ['22', '24']) {
  const node = nodeOf(version);
  test(`qw-run --exec becomes the agent under Node ${version}: the same process`, {
    skip: node === undefined && notInstalled(version),
  }, async (t) => {
    const here = scene(t);
    const words = [qwRun, '--exec', '--label', 'x', command(here, STAYS)];
    const child = behind(here, node as string, ...words);
    assert.equal(await readyPid(child.says), child.pid);
    const lease = JSON.parse(child.stdout().split('\n')[0] ?? '');
    assert.deepEqual([lease.owner.pid, lease.label], [child.pid, 'x']);
    process.kill(child.pid, 'SIGTERM');
    const { signal, stderr } = await child.done;
    assert.deepEqual([signal, stderr], ['SIGTERM', '']);
    await here.nothingLeftSoon();
  });
}
