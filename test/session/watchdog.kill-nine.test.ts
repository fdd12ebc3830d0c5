// `kill -9` of an owner at any moment: a living agent keeps its session, and once it is gone nothing is left, neither
// files nor processes, nor the watchdog that did it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../helpers/cli.js';
import { isEnding } from '../helpers/leases.js';
import { agentThat, nameOf } from '../helpers/leaving-agent.js';
import { states } from '../helpers/listed.js';
import { server, watchdogsOf } from '../helpers/owners.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed, openWith, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const leaseOf = ({ box }: Scene, id: string) => {
  try {
    return JSON.parse(readFileSync(join(box.root, id, 'lease.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return {}; // gone, or not there yet
  }
};

/** Nothing of the session, and no watchdog of that owner. */
async function nothingLeft(here: Scene, owner: number): Promise<void> {
  await here.nothingLeftSoon();
  await waitUntil('the watchdog has left', () => watchdogsOf(owner).length === 0);
}

/** Leaves a survivor after a while. */
const SHORT = 'setsid sleep 600 >/dev/null 2>&1 & sleep 0.2';
const MOMENTS = 6;

describe('the wrapper is killed at a random moment between its start and its end', { concurrency: 3 }, () => {
  let wholeMs = 0;
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    test(`moment ${moment + 1} of ${MOMENTS}`, async (t) => {
      const here = scene(t);
      wholeMs ||= await duration(here);
      const afterMs = ((moment + Math.random()) / MOMENTS) * wholeMs;
      t.diagnostic(`after ${Math.round(afterMs)} of ${Math.round(wholeMs)} ms`);
      const { pid } = start(qwRun, ['--', 'sh', '-c', SHORT], here.options);
      await pause(afterMs); // the moment is what is tested
      await killed(pid);
      const [id = ''] = ids(here.box);
      // Killed between starting the agent and naming it: whoever is there may be the agent, so it keeps the session.
      if (id && leaseOf(here, id)['agent'] === undefined)
        for (const one of here.processes()) await killed(one);
      await nothingLeft(here, pid);
    });
  }
});

async function duration(here: Scene): Promise<number> {
  const before = performance.now();
  await start(qwRun, ['--', 'sh', '-c', SHORT], here.options).done;
  return performance.now() - before;
}

describe('kill -9', { concurrency: 3 }, () => {
  test('a living agent keeps its session, and takes its survivors along when it goes', async (t) => {
    const here = scene(t);
    const script = 'setsid sleep 600 >/dev/null 2>&1 & echo "ready $$ "; exec sleep 601 >/dev/null 2>&1';
    const { wrapper, agent, id, tmpdir } = await openWith(here, [], script);
    await waitUntil('the agent is named', () => leaseOf(here, id)['agent']);
    const work = put(join(tmpdir, 'work'));
    await killed(wrapper.pid);
    assert.deepEqual(await states(here), [`${id} held`]);
    assert.ok(isAlive(agent) && existsSync(work));
    await killed(agent);
    await nothingLeft(here, wrapper.pid);
  });

  test('of a server with three sessions: each goes with its agent', async (t) => {
    const here = scene(t);
    const { owner, sessions } = await server(here, 3);
    const [first, second, third] = sessions as [
      (typeof sessions)[0],
      (typeof sessions)[0],
      (typeof sessions)[0],
    ];
    await killed(first.agent);
    await killed(owner.pid);
    await waitUntil('the first is gone', () => !here.box.left().includes(first.id));
    assert.deepEqual(await states(here), [`${second.id} held`, `${third.id} held`].sort());
    await killed(second.agent);
    await waitUntil('the second is gone', () => !here.box.left().includes(second.id));
    assert.deepEqual(await states(here), [`${third.id} held`]);
    assert.ok(isAlive(third.agent));
    await killed(third.agent);
    await nothingLeft(here, owner.pid);
  });

  test('in the midst of the end: the watchdog ends the agent and all it started', async (t) => {
    const here = scene(t);
    const script = `n=0; trap 'n=$((n + 1)); echo "asked $n"; [ $n = 1 ] || exit' TERM
      setsid sleep 600 & echo "ready $$ "; while :; do sleep 0.05; done`;
    const { wrapper, pid, id } = await agentThat(here, ['--grace', '10m'], script);
    kill(wrapper.pid, 'SIGTERM');
    await wrapper.says('asked 1');
    await waitUntil('the lease says so', () => isEnding(join(here.box.root, id, 'tmp')));
    assert.ok(isAlive(pid));
    await killed(wrapper.pid);
    await nothingLeft(here, wrapper.pid);
  });

  test('while a kept session waits for its survivor', async (t) => {
    const here = scene(t);
    const script = `setsid sh -c 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1' & exec sleep 601 >/dev/null 2>&1`;
    const { wrapper, agent: survivor, id } = await openWith(here, ['--survivors', 'keep'], script);
    const isAgent = (one: number) => one !== survivor && nameOf(one) === 'sleep';
    const agent = await waitUntil('the agent is there', () => here.processes().find(isAgent));
    await waitUntil('the agent is named', () => leaseOf(here, id)['agent']);
    await killed(agent);
    await killed(wrapper.pid);
    assert.ok(isAlive(survivor));
    assert.deepEqual(here.box.left(), [id]);
    await killed(survivor);
    await nothingLeft(here, wrapper.pid);
  });
});
