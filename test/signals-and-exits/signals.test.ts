// Signals to the wrapper without a terminal: what reaches the agent, how often, and what does not end anything.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { isAlive, kill, stateOf } from '../helpers/processes.js';
import { readyPid, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

describe('forwarded signals', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    test(`${signal} reaches the agent exactly once, and its own exit code counts`, async (t) => {
      const { wrapper, nothingLeft } = await startTelling(t);
      kill(wrapper.pid, signal);
      const { code, signal: by, stdout } = await wrapper.done;
      assert.deepEqual([code, by], [0, null]);
      assert.deepEqual(endingSignalsIn(stdout), [`${signal} 1`]);
      nothingLeft();
    });
  }

  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    test(`${signal} reaches the agent exactly once when there is no terminal`, async (t) => {
      const { wrapper, agent, nothingLeft } = await startTelling(t);
      kill(wrapper.pid, signal);
      await wrapper.says(`${signal} 1`);
      kill(agent, 'SIGTERM');
      const { code, stdout } = await wrapper.done;
      assert.equal(code, 0);
      assert.deepEqual(endingSignalsIn(stdout), [`${signal} 1`, 'SIGTERM 1']);
      nothingLeft();
    });
  }

  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
    test(`${signal} reaches the agent every time, ends nothing and does not count`, async (t) => {
      const { wrapper, agent, nothingLeft } = await startTelling(t);
      for (const times of [1, 2, 3]) {
        kill(wrapper.pid, signal);
        await wrapper.says(`${signal} ${times}`);
      }
      assert.ok(isAlive(agent));
      kill(wrapper.pid, 'SIGTERM');
      const { code, stdout } = await wrapper.done;
      assert.equal(code, 0, 'SIGTERM was the first one');
      assert.deepEqual(endingSignalsIn(stdout), ['SIGTERM 1']);
      nothingLeft();
    });
  }
});

describe('a stopped agent', { concurrency: 2 }, () => {
  test('is continued by SIGTERM to the wrapper, so that it can end by itself', async (t) => {
    const { wrapper, agent, nothingLeft } = await startTelling(t, '--grace', '10m');
    kill(agent, 'SIGSTOP');
    await waitUntil('the agent is stopped', () => stateOf(agent) === 'T');
    kill(wrapper.pid, 'SIGTERM');
    const { code, stdout } = await wrapper.done;
    assert.equal(code, 0);
    assert.match(stdout, /^SIGTERM 1$/m);
    nothingLeft();
  });

  test('does not stop the wrapper where there is no terminal', async (t) => {
    const { wrapper, agent, nothingLeft } = await startTelling(t);
    kill(agent, 'SIGSTOP');
    await waitUntil('the agent is stopped', () => stateOf(agent) === 'T');
    kill(wrapper.pid, 'SIGUSR1'); // pending in the agent
    kill(agent, 'SIGCONT');
    await wrapper.says('SIGUSR1 1');
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).code, 0);
    nothingLeft();
  });
});

test('stopping and continuing the whole group, as a batch system does, loses nothing', async (t) => {
  const { wrapper, agent, nothingLeft } = await startTelling(t);
  kill(-wrapper.pid, 'SIGSTOP');
  await waitUntil('both are stopped', () => stateOf(agent) === 'T' && stateOf(wrapper.pid) === 'T');
  kill(-wrapper.pid, 'SIGCONT');
  await wrapper.says('SIGCONT 1');
  kill(wrapper.pid, 'SIGTERM');
  const { code, stdout } = await wrapper.done;
  assert.equal(code, 0);
  assert.deepEqual(endingSignalsIn(stdout), ['SIGTERM 1']);
  nothingLeft();
});

async function startTelling(t: TestContext, ...options: string[]) {
  const stage = scene(t);
  const command = [process.execPath, fixture('tell-signals.mjs')];
  const wrapper = start(qwRun, [...options, ...command], { ...stage.options, detached: true });
  return { ...stage, wrapper, agent: await readyPid(wrapper.says) };
}

const endingSignalsIn = (stdout: string) => stdout.match(/^SIG(TERM|HUP|INT|QUIT) \d+$/gm);
