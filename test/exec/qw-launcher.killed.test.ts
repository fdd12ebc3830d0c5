// `kill -9` of a launcher, or of its whole group, at any moment before it has become the agent: nothing is left.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { command, forgetPlans, startOf } from '../helpers/exec.js';
import { qwExec } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const KILLS = 20;
const FEW = 4;

for (const how of ['by a plan', 'by the planner'] as const) {
  describe(`prepared ${how}`, { concurrency: 2 }, () => {
    for (const what of ['the launcher', 'its group'] as const) {
      test(`${what} is killed at ${KILLS} moments`, async (t) => {
        const here = scene(t);
        const wholeMs = await duration(here, how);
        const agent = command(here, 'exec sleep 600');
        if (how === 'by a plan') await planned(here, agent);
        for (let kill = 0; kill < KILLS; kill += 1) {
          if (how === 'by the planner') forgetPlans(here);
          const child = spawn(qwExec, [agent], { ...here.options, detached: true, stdio: 'ignore' });
          const pid = child.pid as number;
          await pause(((kill + Math.random()) / KILLS) * wholeMs * 1.2); // the moment is what is tested
          process.kill(what === 'its group' ? -pid : pid, 'SIGKILL');
          if (child.signalCode === null) await once(child, 'exit');
          // What looks after the dead ones takes time of the machine's too: few at once.
          await waitUntil('few are left', () => here.box.left().length <= FEW);
        }
        await here.nothingLeftSoon();
      });
    }
  });
}

/** Another program at the same place needs another plan. */
async function planned(here: Scene, agent: string): Promise<void> {
  const child = spawn(qwExec, [agent], { ...here.options, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Of a start that nobody kills. */
async function duration(here: Scene, how: string): Promise<number> {
  const agent = command(here);
  await startOf(here, [agent]);
  const before = performance.now();
  const { isPlanned } = how === 'by a plan' ? await startOf(here, [agent]) : { isPlanned: false };
  const plannedMs = performance.now() - before;
  assert.equal(isPlanned, how === 'by a plan');
  if (isPlanned) return plannedMs;
  forgetPlans(here);
  const since = performance.now();
  await startOf(here, [agent]);
  return performance.now() - since;
}
