// From the first forwarded signal to SIGKILL: after the grace period, at once on a second signal, and never because one
// and the same signal came twice.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Running, start } from '../helpers/cli.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { heldTimers, noLongTimers, stepClock } from '../helpers/preloads.js';
import { kill } from '../helpers/processes.js';
import { put } from '../helpers/reaping.js';
import { killAll, parentOf, readyPid, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STUBBORN = [process.execPath, fixture('ignore-ending-signals.mjs')];
const SLOW = [process.execPath, fixture('clean-up-slowly.mjs')];

describe('an agent that ignores the signal', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    test(`${signal}: is killed once the grace period is over, not before`, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      const heard = join(box.dir, 'heard');
      const env = { ...options.env, ...heldTimers(700, heard) };
      const wrapper = start(qwRun, ['--grace', '700ms', ...STUBBORN], { ...options, env });
      await readyPid(wrapper.says);
      const before = performance.now();
      kill(wrapper.pid, signal);
      await wrapper.says(`ignored ${signal}`);
      put(heard);
      const end = await wrapper.done;
      assert.deepEqual([end.code, end.signal], [null, 'SIGKILL']);
      assert.ok(performance.now() - before >= 700);
      nothingLeft();
    });
  }

  test('QW_GRACE sets the grace period as --grace does', async (t) => {
    const { options, nothingLeft } = scene(t);
    const env = { ...options.env, ...noLongTimers(), QW_GRACE: '10ms' }; // the default of 5 s would never be over
    const wrapper = start(qwRun, STUBBORN, { ...options, env });
    await readyPid(wrapper.says);
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).signal, 'SIGKILL');
    nothingLeft();
  });
});

describe('a second forwarded signal kills at once', { concurrency: 2 }, () => {
  const table: [first: NodeJS.Signals, second: NodeJS.Signals][] = [
    ['SIGTERM', 'SIGTERM'],
    ['SIGHUP', 'SIGHUP'],
    ['SIGHUP', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
    ['SIGQUIT', 'SIGTERM'],
  ];
  for (const [first, second] of table) {
    test(`${first}, then ${second}`, async (t) => {
      const { options, nothingLeft } = scene(t);
      const wrapper = start(qwRun, ['--grace', '10m', ...STUBBORN], options);
      await readyPid(wrapper.says);
      kill(wrapper.pid, first);
      await wrapper.says(`ignored ${first}`);
      await sendUntilGone(wrapper, second);
      assert.equal((await wrapper.done).signal, 'SIGKILL');
      nothingLeft();
    });
  }

  test('also what the agent left behind and is being ended', async (t) => {
    const { options, nothingLeft } = scene(t);
    const agent = `trap 'exit 7' USR1; "$@" & while :; do wait $!; done`;
    const wrapper = start(qwRun, ['--grace', '10m', 'sh', '-c', agent, 'sh', ...STUBBORN], options);
    const left = await readyPid(wrapper.says);
    kill(parentOf(left), 'SIGUSR1');
    await wrapper.says('ignored SIGTERM');
    await sendUntilGone(wrapper, 'SIGTERM');
    assert.equal((await wrapper.done).code, 7, 'the agent had ended already');
    nothingLeft();
  });
});

describe('one end, told twice, lets the agent finish its cleanup', { concurrency: 2 }, () => {
  type Send = (wrapper: number, agent: number, says: Running['says']) => unknown;
  const table: [what: string, send: Send][] = [
    ['SIGTERM once', (wrapper) => kill(wrapper, 'SIGTERM')],
    ['SIGTERM to the group', (wrapper) => kill(-wrapper, 'SIGTERM')],
    ['SIGHUP to the group', (wrapper) => kill(-wrapper, 'SIGHUP')],
    ['SIGTERM twice at once', (wrapper) => killAll('SIGTERM', wrapper, wrapper)],
    [
      'SIGTERM, and again once the agent has it',
      async (wrapper, _agent, says) => {
        kill(wrapper, 'SIGTERM');
        await says('cleaning up');
        kill(wrapper, 'SIGTERM');
      },
    ],
    ['SIGTERM to the wrapper, then to the group', (wrapper) => killAll('SIGTERM', wrapper, -wrapper)],
    ['SIGTERM to all, one by one', (wrapper, agent) => killAll('SIGTERM', wrapper, agent, wrapper)],
    [
      'SIGTERM and SIGHUP to all, as systemd does (SendSIGHUP)',
      (wrapper, agent) => {
        killAll('SIGTERM', wrapper, agent);
        killAll('SIGHUP', wrapper, agent);
      },
    ],
  ];
  for (const [what, send] of table) {
    test(what, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      const note = join(box.dir, 'note');
      // Copies come at once, however long this test or the wrapper has to wait for a processor.
      const env = { ...options.env, ...stepClock(0) };
      const wrapper = start(qwRun, ['--grace', '10m', ...SLOW, note], { ...options, env, detached: true });
      await send(wrapper.pid, await readyPid(wrapper.says), wrapper.says);
      const { code, signal } = await wrapper.done;
      assert.deepEqual([code, signal], [0, null]);
      assert.equal(readFileSync(note, 'utf8'), 'cleaned up');
      nothingLeft();
    });
  }

  test('SIGTERM once, with a grace period that no timer can hold', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const note = join(box.dir, 'note');
    const wrapper = start(qwRun, ['--grace', '30d', ...SLOW, note], options);
    await readyPid(wrapper.says);
    kill(wrapper.pid, 'SIGTERM');
    const { code, signal, stderr } = await wrapper.done;
    assert.deepEqual([code, signal, stderr], [0, null, '']);
    assert.equal(readFileSync(note, 'utf8'), 'cleaned up');
    nothingLeft();
  });

  test('timeout -k', { skip: noTimeout() }, async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const note = join(box.dir, 'note');
    const command = ['-k', '60', '600', process.execPath, qwRun, '--grace', '10m', ...SLOW, note];
    const supervisor = spawn('timeout', command, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    supervisor.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const done = new Promise((resolve) => supervisor.on('exit', resolve));
    await waitUntil('the agent is ready', () => /ready \d+\s/.test(output));
    const agent = Number(/ready (\d+)/.exec(output)?.[1]);
    assert.equal(parentOf(parentOf(agent)), supervisor.pid);
    kill(supervisor.pid as number, 'SIGALRM'); // its own alarm: the time is over
    assert.equal(await done, 124);
    assert.equal(readFileSync(note, 'utf8'), 'cleaned up');
    nothingLeft();
  });
});

/** More than 500 ms apart, so that each counts. */
function sendUntilGone(wrapper: Running, signal: NodeJS.Signals): Promise<unknown> {
  const { child, pid } = wrapper;
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  return waitUntil('the wrapper is gone', () => isGone() || void kill(pid, signal), { everyMs: 600 });
}

function noTimeout(): string | false {
  const { stdout } = spawnSync('timeout', ['--version'], { encoding: 'utf8' });
  return /GNU/.test(stdout ?? '') ? false : 'no timeout(1) of GNU coreutils';
}
