// Job control in an interactive shell is as without us: Ctrl-C and Ctrl-\ reach the agent exactly once, Ctrl-Z stops
// agent and wrapper, `fg` wakes both, and the shell sees the agent's status.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { onlyAttached } from '../helpers/modes.js';
import { fixture } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { goOn, openShell, stopped } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const TELL = `qw-run node ${quoted(fixture('tell-signals.mjs'))}`;
const READ = `qw-run sh -c 'echo ready $$; read line; echo "got $line"; exit 7'`;
const DUMPLESS = 'ulimit -c 0';

/** Without a wrapper that has to be woken bash says so before the `fg`, and what that gives is its own. */
const SHELLS = onlyAttached('bash has collected the agent itself');

const toldIn = (screen: string) => screen.match(/SIG(TERM|HUP|INT|QUIT) \d+/g);

describe('a key that signals', { concurrency: 2 }, () => {
  for (const [key, name, signal] of [
    ['\x03', 'Ctrl-C', 'SIGINT'],
    ['\x1c', 'Ctrl-\\', 'SIGQUIT'],
  ] as const) {
    test(`${name} reaches an agent that handles it exactly once, ten times over, and ends nothing`, async (t) => {
      const shell = await openShell(t);
      const { agent, wrapper } = await shell.starts(TELL);
      const expected = Array.from({ length: 10 }, (_, index) => `${signal} ${index + 1}`);
      for (const told of expected) {
        shell.type(key);
        await shell.shows(told);
      }
      assert.ok(isAlive(agent) && isAlive(wrapper));
      process.kill(wrapper, 'SIGTERM');
      await shell.prompts(0);
      assert.deepEqual(toldIn(shell.screen()), [...expected, 'SIGTERM 1'], 'none came twice, none counted');
      await shell.leaves();
    });
  }

  test('ten Ctrl-C in one go leave the wrapper with an agent that handles them', async (t) => {
    const shell = await openShell(t);
    const { agent, wrapper } = await shell.starts(TELL);
    shell.type('\x03'.repeat(10));
    await shell.shows('SIGINT 1');
    shell.type('\x1c');
    await shell.shows('SIGQUIT 1');
    assert.ok(isAlive(agent) && isAlive(wrapper));
    assert.ok((toldIn(shell.screen()) ?? []).length <= 11, shell.screen());
    process.kill(agent, 'SIGTERM');
    await shell.prompts(0);
    await shell.leaves();
  });

  const NAPS = 'while :; do sleep 0.1; done';
  const endings: [what: string, key: string, script: string, status: number][] = [
    ['Ctrl-C ends an agent as ever', '\x03', 'echo ready $$; exec sleep 600', 130],
    ['Ctrl-\\ ends an agent as ever', '\x1c', 'echo ready $$; exec sleep 600', 131],
    // Again and again: a signal that comes right before a fork is heard once that child has ended.
    ['the exit code after Ctrl-C is the agent’s', '\x03', `trap "exit 9" INT; echo ready $$; ${NAPS}`, 9],
    ['an agent that ignores Ctrl-C reads on', '\x03', 'trap "" INT; echo ready $$; read x; exit "$x"', 5],
  ];
  for (const [what, key, script, status] of endings) {
    test(`${what}: ${status}, with and without us`, async (t) => {
      const shell = await openShell(t);
      shell.enters(DUMPLESS);
      await shell.prompts(0);
      for (const prefix of ['', 'qw-run ']) {
        const { agent } = await shell.starts(`${prefix}sh -c '${script}'`);
        shell.type(key);
        if (script.includes('read x')) shell.enters('5');
        await shell.prompts(status);
        assert.ok(!isAlive(agent));
      }
      await shell.leaves();
    });
  }
});

describe('stopping', { concurrency: 2 }, () => {
  test('Ctrl-Z stops agent and wrapper, `jobs` shows it, `fg` resumes both', async (t) => {
    const shell = await openShell(t);
    const { agent, wrapper } = await shell.starts(READ);
    shell.type('\x1a');
    await shell.prompts(148);
    await stopped(agent, wrapper);
    shell.enters('jobs');
    await shell.shows(/\[1\]\+ +Stopped +qw-run sh/);
    await shell.prompts(0);
    shell.enters('fg');
    await goOn(agent, wrapper);
    shell.enters('hello');
    await shell.shows('got hello');
    await shell.prompts(7);
    await shell.leaves();
  });

  test('Ctrl-Z and `fg` ten times lose neither of both', async (t) => {
    const shell = await openShell(t);
    const { agent, wrapper } = await shell.starts(TELL);
    for (let times = 1; times <= 10; times++) {
      shell.type('\x1a');
      await shell.prompts(148);
      await stopped(agent, wrapper);
      shell.enters('fg');
      await shell.shows(`SIGCONT`);
    }
    shell.type('\x03');
    await shell.shows('SIGINT 1');
    process.kill(wrapper, 'SIGTERM');
    await shell.prompts(0);
    assert.deepEqual(toldIn(shell.screen()), ['SIGINT 1', 'SIGTERM 1']);
    await shell.leaves();
  });

  test('a stopped agent that is killed ends the job', { skip: SHELLS }, async (t) => {
    const shell = await openShell(t);
    const { agent } = await shell.starts(READ);
    shell.type('\x1a');
    await shell.prompts(148);
    process.kill(agent, 'SIGKILL');
    shell.enters('fg');
    await shell.prompts(137);
    await shell.leaves();
  });

  test('`kill %1` ends a stopped job: the agent gets its SIGTERM, and nothing is left', async (t) => {
    const shell = await openShell(t);
    const { agent, wrapper } = await shell.starts(TELL);
    shell.type('\x1a');
    await shell.prompts(148);
    shell.enters('kill %1');
    await shell.shows('SIGTERM 1');
    // Dead is not enough: until the shell has collected it, it has a stopped job, and refuses to exit.
    await waitUntil('both are gone', () => !isAlive(agent) && !existsSync(`/proc/${wrapper}`));
    await shell.leaves();
  });
});
