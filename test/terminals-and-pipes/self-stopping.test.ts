// An agent that stops alone, not by the keyboard, takes the wrapper along: the shell's prompt comes back, and `fg` and `bg`
// wake both.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { IS_EXEC } from '../helpers/modes.js';
import { stateOf } from '../helpers/processes.js';
import { ids } from '../helpers/reaping.js';
import { goOn, openShell, type Shell, stopped } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A wrapper stops itself as the keyboard would; a command that is alone is seen as it is. */
const STOPPED_BY_STOP = IS_EXEC ? 147 : 148;
const STOPPED = /\[1\]\+ +Stopped +qw-run sh/;
/** The last of our threads to stop tells the shell: `T` is seen before. An `fg` in between wakes nobody, as bash knows of no stop. */
const TELL_AT_ONCE = 'set -o notify';

describe('an agent that stops itself', { concurrency: 2 }, () => {
  for (const signal of ['STOP', 'TSTP']) {
    test(`by SIG${signal} takes the wrapper along, again and again`, async (t) => {
      const shell = await openShell(t);
      const stops = `for n in 1 2 3; do read line; kill -${signal} $$; echo "woken $n"; done`;
      const { agent, wrapper } = await shell.starts(`qw-run sh -c 'echo ready $$; ${stops}; exit 7'`);
      await named(shell, agent);
      for (const times of [1, 2, 3]) {
        shell.enters('');
        await shell.prompts(signal === 'STOP' ? STOPPED_BY_STOP : 148);
        await stopped(agent, wrapper);
        shell.enters('jobs');
        await shell.shows(STOPPED);
        await shell.prompts(0);
        shell.enters('fg');
        await shell.shows(`woken ${times}`);
      }
      await shell.prompts(7);
      await shell.leaves();
    });
  }

  test('at once when it starts takes the wrapper along', async (t) => {
    const shell = await openShell(t);
    for (let times = 1; times <= 10; times++) {
      await shell.starts(`qw-run sh -c 'echo ready $$; kill -STOP $$; exit 7'`);
      const prompts = () => shell.screen().split(`status ${STOPPED_BY_STOP}> `).length === times + 1;
      await waitUntil(`stop ${times} is seen`, prompts);
      shell.enters('fg');
      await shell.prompts(7);
    }
    await shell.leaves();
  });

  test('again at once after `fg` is stopped again', async (t) => {
    const shell = await openShell(t);
    const twice = 'read line; kill -STOP $$; kill -STOP $$; echo "woken" twice; exit 7';
    const { agent } = await shell.starts(`qw-run sh -c 'echo ready $$; ${twice}'`);
    await named(shell, agent);
    shell.enters('');
    await shell.prompts(STOPPED_BY_STOP);
    shell.enters('fg');
    await shell.shows(/status \d+> /);
    assert.doesNotMatch(shell.screen(), /^woken twice/m);
    shell.enters('fg');
    await shell.shows('woken twice');
    await shell.prompts(7);
    await shell.leaves();
  });

  test('in a background job goes on with `fg`', async (t) => {
    const shell = await openShell(t);
    const stops = 'until [ -e go ]; do sleep 0.05; done; rm go; kill -STOP $$';
    const script = `echo ready $$; ${stops}; read line; echo "got $line"; exit 7`;
    const { agent, wrapper } = await shell.starts(`qw-run sh -c '${script}' &`);
    await named(shell, agent);
    shell.enters(TELL_AT_ONCE);
    shell.enters('touch go');
    await shell.shows(STOPPED);
    await stopped(agent, wrapper);
    shell.enters('fg');
    await waitUntil('the agent goes on', () => stateOf(agent) !== 'T');
    shell.enters('hello');
    await shell.shows('got hello');
    await shell.prompts(7);
    await shell.leaves();
  });

  test('goes on by `bg`, is stopped with us for the terminal, and gets it by `fg`', async (t) => {
    const shell = await openShell(t);
    const script = 'read line; kill -TSTP $$; echo "woken" up; read line; echo "got $line"; exit 7';
    const { agent, wrapper } = await shell.starts(`qw-run sh -c 'echo ready $$; ${script}'`);
    await named(shell, agent);
    shell.enters('');
    await shell.prompts(148);
    shell.enters(TELL_AT_ONCE);
    shell.enters('bg');
    await shell.shows('woken up');
    await shell.shows(STOPPED);
    await stopped(agent, wrapper);
    shell.enters('fg');
    await goOn(agent, wrapper);
    shell.enters('hello');
    await shell.shows('got hello');
    await shell.prompts(7);
    await shell.leaves();
  });
});

/** Resolves when the lease names the agent: the wrapper is past its start. */
const named = ({ box }: Shell, agent: number) =>
  waitUntil('the lease names the agent', () =>
    ids(box).some((id) => {
      const lease = JSON.parse(readFileSync(join(box.root, id, 'lease.json'), 'utf8'));
      return lease.agent?.pid === agent;
    }),
  );
