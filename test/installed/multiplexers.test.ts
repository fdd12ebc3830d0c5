// The real tmux and screen, started inside a session: people go on working in what runs there, in T too. Only one whose every door lies
// in T, with nobody at it, is the session's own.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { beside, daemonScene, heldBy, likeThis, missing, named, tmpOf } from '../helpers/belongs.js';
import { agentThat, CODE, killAfter, type LeavingAgent } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { killed, put } from '../helpers/reaping.js';
import { parentOf, type Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const noTmux = missing('tmux');
const noScreen = missing('screen');
/** Works in a directory of its own in T, and counts outside of it too. */
const WORK = 'cd "$(mktemp -d)"; pwd >~/where; while :; do echo x >>f; echo x >>~/beats; sleep 0.1; done';
/** Its socket is outside of T, or in it. */
const OUTSIDE = 'TMUX_TMPDIR="$HOME" tmux -f /dev/null';
const INSIDE = 'tmux -f /dev/null -S "$TMPDIR/s"';

/** An agent that starts this tmux, with one pane. `pid` is the server's. */
async function agentWith(t: TestContext, here: Scene, tmux: string, pane: string): Promise<LeavingAgent> {
  const script = `${tmux} new -d '${pane}'; ${tmux} display -p "ready #{pid} "`;
  const agent = await agentThat(here, [], script);
  killAfter(t, agent.pid);
  return agent;
}

test('tmux: T stays whole under what works in a pane, told, until tmux is gone', {
  skip: noTmux,
}, async (t) => {
  const here = daemonScene(t);
  const { pid, id, leave } = await agentWith(t, here, OUTSIDE, WORK);
  const beats = () => {
    const path = join(here.box.dir, 'home/beats');
    return existsSync(path) ? readFileSync(path, 'utf8').length / 2 : 0;
  };
  await waitUntil('the pane works', beats);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  named(stderr, pid);
  const after = beats();
  await waitUntil('looks went by', () => beats() > after + 50);
  const where = readFileSync(join(here.box.dir, 'home/where'), 'utf8').trim();
  assert.ok(where.startsWith(tmpOf(here, id)));
  const counted = beats(); // after it has counted in T
  assert.ok(readFileSync(join(where, 'f'), 'utf8').length / 2 >= counted);
  await heldBy(here, id, pid);
  beside(here, 'env', [`TMUX_TMPDIR=${here.box.dir}/home`, 'tmux', 'kill-server']);
  await here.nothingLeftSoon();
});

test('who has left a pane lives on with tmux: only its environment speaks for the session', {
  skip: noTmux,
}, async (t) => {
  const here = daemonScene(t);
  const stray = put(join(here.box.dir, 'stray'), 'echo $$ >~/pid; exec sleep 600');
  const pane = `(setsid sh ${stray} &); exec sleep 601`;
  const { pid, leave } = await agentWith(t, here, OUTSIDE, pane);
  const [other = 0] = await likeThis(here, /^sleep 600/);
  const [inPane = 0] = await likeThis(here, /^sleep 601/);
  await waitUntil('it has lost its parent', () => ![pid, inPane].includes(parentOf(other)));
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok([pid, inPane, other].every(isAlive), stderr);
  for (const one of [other, inPane, pid]) await killed(one);
  await here.nothingLeftSoon();
});

test('tmux with its only socket in T and no client is ended with the session', {
  skip: noTmux,
}, async (t) => {
  const here = daemonScene(t);
  const { pid, leave } = await agentWith(t, here, INSIDE, 'exec sleep 600');
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(!isAlive(pid), stderr);
  here.nothingLeft();
});

test('with a client at its socket in T it lives, and T stays whole', { skip: noTmux }, async (t) => {
  const here = daemonScene(t);
  const { pid, id, leave } = await agentWith(t, here, INSIDE, 'exec sleep 600');
  const socket = join(tmpOf(here, id), 's');
  const client: ChildProcess = spawn('tmux', ['-C', '-S', socket, 'attach'], here.options);
  let screen = '';
  client.stdout?.on('data', (chunk) => {
    screen += chunk;
  });
  await waitUntil('the client is attached', () => screen.includes('%session-changed'));
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(pid) && isAlive(client.pid as number) && existsSync(socket), stderr);
  named(stderr, pid);
  await heldBy(here, id, pid);
  beside(here, 'tmux', ['-S', socket, 'kill-server']);
  await here.nothingLeftSoon();
});

for (const [where, dir] of [
  ['outside of T it lives', '$HOME/s'],
  ['in T it is ended', '$TMPDIR/s'],
] as const)
  test(`screen with its socket ${where}`, { skip: noScreen }, async (t) => {
    const here = daemonScene(t);
    const script = `mkdir -m 700 "${dir}"; export SCREENDIR="${dir}"; screen -dmS x sleep 600; echo "ready $$ "`;
    const { id, leave } = await agentThat(here, [], script);
    const [pid = 0] = await likeThis(here, /^SCREEN /);
    await likeThis(here, /^sleep 600/);
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.equal(isAlive(pid), dir.startsWith('$HOME'), stderr);
    if (!isAlive(pid)) return here.nothingLeft();
    named(stderr, pid);
    await heldBy(here, id, pid);
    for (const one of here.processes()) await killed(one);
    return here.nothingLeftSoon();
  });
