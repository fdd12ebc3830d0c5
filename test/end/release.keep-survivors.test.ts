// `--survivors keep` and QW_SURVIVORS: what the agent leaves behind lives on, its TMPDIR stays whole and `held`, and goes
// when they go, by the watchdog, since the wrapper is gone by then.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { listed, states } from '../helpers/listed.js';
import { isAlive, kill } from '../helpers/processes.js';
import { killed, openWith, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Announces itself and lets go of the wrapper's output. */
const STAY = `sh -c 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1'`;

describe('survivors are kept on request', { concurrency: 4 }, () => {
  const table: [how: string, flags: string[], variable: string | undefined][] = [
    ['--survivors keep', ['--survivors', 'keep'], undefined],
    ['QW_SURVIVORS=keep', [], 'keep'],
    ['--survivors keep over QW_SURVIVORS=end', ['--survivors', 'keep'], 'end'],
  ];
  for (const [how, flags, variable] of table) {
    test(`${how}: they live, T is held and whole, and goes when they go`, async (t) => {
      const here = scene(t);
      if (variable) here.options.env['QW_SURVIVORS'] = variable;
      const { pid, id, leave } = await agentThat(here, flags, `setsid ${STAY} &`);
      const work = put(join(here.box.root, id, 'tmp', 'work'));
      await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');

      const { code, signal, stderr } = await leave();

      assert.deepEqual([code, signal], [CODE, null]);
      assert.match(stderr, /^qw-run: [^\n]+\n$/);
      assert.ok(stderr.includes(join(here.box.root, id, 'tmp')) && stderr.includes(`${pid}`), stderr);
      assert.ok(isAlive(pid) && existsSync(work));
      assert.deepEqual(await states(here), [`${id} held`]);
      const { report } = await reapOnce(here, ['--max-age', '1h']);
      assert.deepEqual([report.removed, report.kept.map(({ state }) => state)], [[], ['held']]);

      await killed(pid);
      await here.nothingLeftSoon();
    });
  }

  test('--survivors end over QW_SURVIVORS=keep: they are ended', async (t) => {
    const here = scene(t);
    here.options.env['QW_SURVIVORS'] = 'keep';
    const { pid, leave } = await agentThat(here, ['--survivors', 'end'], `setsid ${STAY} &`);
    assert.equal((await leave()).code, CODE);
    assert.ok(!isAlive(pid));
    here.nothingLeft();
  });

  test('of two kept survivors the last one takes the directory with it', async (t) => {
    const here = scene(t);
    const script = `setsid sleep 600 >/dev/null 2>&1 & setsid ${STAY} &`;
    const { pid, id, leave } = await agentThat(here, ['--survivors', 'keep'], script);
    const isReady = () => here.processes().filter((one) => nameOf(one) === 'sleep').length === 2;
    await waitUntil('both are there', isReady);
    await leave();
    await killed(pid);
    const [other = 0] = await waitUntil('one is left', () =>
      here.processes().length === 1 ? here.processes() : null,
    );
    const [session] = await listed(here);
    assert.deepEqual([session?.id, session?.state], [id, 'held']);
    await killed(other);
    await here.nothingLeftSoon();
  });

  test('the agent itself is ended all the same', async (t) => {
    const here = scene(t);
    const script = `setsid ${STAY} & trap '' HUP; read wait`;
    const { pid, id, wrapper } = await agentThat(here, ['--survivors', 'keep'], script);
    await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).signal, 'SIGTERM');
    assert.deepEqual(here.processes(), [pid]);
    assert.deepEqual(await states(here), [`${id} held`]);
    await killed(pid);
    await here.nothingLeftSoon();
  });

  test('without survivors nothing is kept', async (t) => {
    const here = scene(t);
    const { leave } = await agentThat(here, ['--survivors', 'keep'], 'echo "ready $$ "');
    const { code, stderr } = await leave();
    assert.deepEqual([code, stderr], [CODE, '']);
    here.nothingLeft();
  });

  test('a wrapper that is killed leaves them to themselves just so', async (t) => {
    const here = scene(t);
    const script = `setsid ${STAY} & exec sleep 600 >/dev/null 2>&1`;
    const { agent: pid, id, wrapper } = await openWith(here, ['--survivors', 'keep'], script);
    const isAgent = (one: number) => nameOf(one) === 'sleep' && one !== pid;
    const agent = await waitUntil('the agent is there', () => here.processes().find(isAgent));
    await killed(wrapper.pid);
    await killed(agent);
    const { report } = await reapOnce(here);
    assert.deepEqual(
      report.kept.map(({ id: one, state }) => [one, state]),
      [[id, 'held']],
    );
    assert.ok(isAlive(pid));
    await killed(pid);
    await here.nothingLeftSoon();
  });
});
