// qw-run inside qw-run: two sessions side by side, each ended by its own owner; the outer end takes the inner one along.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { leaseIn } from '../helpers/leases.js';
import { INNER, openNested } from '../helpers/nested.js';
import { isAlive, kill } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { ids, killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const WAIT = `'echo "ready $$ "; exec sleep 600'`;
const STUBBORN = `'trap "" TERM INT HUP; echo "ready $$ "; while :; do sleep 0.1; done'`;
/** However long the inner wrapper takes to end its session: in the default of 5 s a starved one may not, and is killed. */
const PATIENT = { flags: ['--grace', '10m'] };
const outer = (inner: string) =>
  `echo "outer $$ "; ${INNER} sh -c ${inner}; echo "inner ended $?"; exec sleep 600`;

describe('a session inside a session', { concurrency: 2 }, () => {
  test('lies beside it and names it as its parent; it ends first, by itself', async (t) => {
    const here = scene(t);
    const nested = await openNested(here, outer(WAIT), PATIENT);
    assert.deepEqual(ids(here.box).sort(), [nested.outer, nested.inner].sort());
    assert.notEqual(nested.outer, '');
    assert.equal(leaseIn(join(here.box.root, nested.inner, 'tmp'))['parent'], nested.outer);
    await killed(nested.agent);
    await nested.wrapper.says('inner ended 137');
    assert.deepEqual(here.box.left(), [nested.outer]);
    assert.ok(isAlive(nested.shell));
    kill(nested.wrapper.pid, 'SIGTERM');
    const { code, signal } = await nested.wrapper.done;
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
    here.nothingLeft();
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    test(`goes with it after ${signal}`, async (t) => {
      const here = scene(t);
      const { wrapper } = await openNested(here, outer(WAIT), PATIENT);
      kill(wrapper.pid, signal);
      const end = await wrapper.done;
      assert.deepEqual([end.code, end.signal], [null, signal]);
      here.nothingLeft();
    });
  }

  test('goes with it when the outer agent ends by itself', async (t) => {
    const here = scene(t);
    const { wrapper, shell } = await openNested(here, outer(WAIT), PATIENT);
    kill(shell, 'SIGKILL');
    const { code, signal } = await wrapper.done;
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
    here.nothingLeft();
  });

  test('goes with it although its agent ignores every signal', async (t) => {
    const here = scene(t);
    const { wrapper, agent } = await openNested(here, outer(STUBBORN), { flags: ['--grace', '500ms'] });
    kill(wrapper.pid, 'SIGTERM');
    const { code, signal } = await wrapper.done;
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
    await here.nothingLeftSoon(); // its wrapper had no time left, its watchdog ends and removes it
    await waitUntil('its agent is gone', () => !isAlive(agent)); // it has closed stdout, which `done` waits for
  });

  for (const [what, script] of [
    ['whose wrapper the outer agent started', outer(WAIT)],
    ['whose wrapper is the outer agent', `echo "outer $$ "; exec ${INNER} sh -c ${WAIT}`],
  ] as const)
    test(`${what} goes with it although that was killed before it could begin its end`, async (t) => {
      const here = scene(t);
      const { wrapper, agent } = await openNested(here, script, { flags: ['--grace', '0'] });
      kill(wrapper.pid, 'SIGTERM');
      await wrapper.done;
      await here.nothingLeftSoon();
      await waitUntil('its agent is gone', () => !isAlive(agent)); // one that exits has lost its mark already
    });

  test('lives on when the outer wrapper is SIGKILLed, and both go when their agents do', async (t) => {
    const here = scene(t);
    const { wrapper, shell, agent, outer: outerId } = await openNested(here, outer(WAIT));
    await killed(wrapper.pid);
    await killed(agent);
    await waitUntil('only the outer session is left', () => here.box.left().join() === outerId);
    assert.ok(isAlive(shell));
    await killed(shell);
    await here.nothingLeftSoon();
  });

  test('three deep: each names the one around it, and one signal ends all', async (t) => {
    const here = scene(t);
    const say = `echo "$QW_SESSION" >> "$PWD/order"`;
    const script = `${say}; echo "outer $$ "; ${INNER} ${quoted('sh', '-c', `${say}; ${INNER} sh -c "$0"`, `${say}; echo "ready $$ "; exec sleep 600`)}`;
    const { wrapper } = await openNested(here, script, PATIENT);
    const order = readFileSync(join(here.box.cwd, 'order'), 'utf8').trim().split('\n');
    const parents = order.map((id) => leaseIn(join(here.box.root, id, 'tmp'))['parent']);
    assert.deepEqual(parents, [undefined, order[0], order[1]]);
    kill(wrapper.pid, 'SIGTERM');
    const { signal } = await wrapper.done;
    assert.equal(signal, 'SIGTERM');
    here.nothingLeft(['order']);
  });
});
