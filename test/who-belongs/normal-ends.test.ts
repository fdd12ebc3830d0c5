// A session that ends as it should is never taken for one whose agent is gone, whenever anybody looks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { listed } from '../helpers/listed.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { killed } from '../helpers/reaping.js';
import { parentOf, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

test('while its end waits for a survivor, the list does not say agent-gone', async (t) => {
  const here = scene(t);
  const deaf = `trap "" TERM; echo "ready $$ "; exec sleep 600 >/dev/null 2>&1`;
  const { wrapper, pid, leave } = await agentThat(here, ['--grace', '10m'], `setsid sh -c '${deaf}' &`);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  const agent = parentOf(pid);
  assert.equal(parentOf(agent), wrapper.pid);
  const end = leave();
  await waitUntil('the agent is gone', () => !isAlive(agent));
  for (let look = 0; look < 5; look += 1) {
    const [session] = await listed(here);
    assert.deepEqual([session?.state, session?.reason === 'agent-gone'], ['live', false]);
  }
  await killed(pid);
  assert.equal((await end).code, CODE);
  here.nothingLeft();
});

test('nor does it during many ends, one after the other', async (t) => {
  const here = scene(t);
  const reasons = new Set<string>();
  let isOver = false;
  const looks = async () => {
    while (!isOver) for (const { reason } of await listed(here)) reasons.add(reason);
  };
  const looking = [looks(), looks()];
  for (let i = 0; i < 8; i += 1) {
    const script = 'mkdir "$TMPDIR/d"; setsid sleep 600 & exit 3';
    assert.equal((await run(qwRun, ['sh', '-c', script], here.options)).code, 3);
  }
  isOver = true;
  await Promise.all(looking);
  assert.ok(!reasons.has('agent-gone'), [...reasons].join(', '));
  here.nothingLeft();
});
