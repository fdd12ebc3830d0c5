// Programs that people or other sessions rely on are never ended with a session that started them, nor is what they
// started. Which those are: a list, what `--spare` and QW_SPARE add to it, and what a backend shares.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { childrenOf } from '../helpers/cli.js';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { states } from '../helpers/listed.js';
import { isAlive, kill } from '../helpers/processes.js';
import { program } from '../helpers/programs.js';
import { killed, openOwnerless, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

interface Case {
  name: string;
  args?: string;
  flags?: string[];
  variable?: string;
}
const title = ({ name, args = '', flags = [], variable }: Case) =>
  [...flags, variable ? `QW_SPARE=${variable}` : '', name, args].filter(Boolean).join(' ');

/** They run commands for people, who go on working in T. Claude's daemon gives it to those that it starts. */
const MANAGERS: Case[] = [
  ...['tmux: server', 'SCREEN', 'firefox', 'PM2 v5.4.3: God'].map((name) => ({ name })),
  { name: 'emacs', args: '--daemon' },
  { name: 'claude', args: 'daemon run', flags: ['--backend', 'claude'] },
  { name: 'my-helper', flags: ['--spare', 'my-helper'] },
  { name: 'a-helper-with-a-long-name', flags: ['--spare', 'a-helper-with-a-long-name'] },
  { name: 'my-helper', variable: 'other,my-helper' },
  { name: 'my-helper', variable: 'my-helper', flags: ['--spare', 'other'] },
];

/** They serve whoever asks. */
const HELPERS: Case[] = [
  ...['gpg-agent', 'adb', 'watchman', 'bazel(project)', 'dbus-daemon'].map((name) => ({ name })),
  { name: 'java', args: '-Xmx1g org.gradle.launcher.daemon.bootstrap.GradleDaemon 8.5' },
];

/** Its child, once it bears its name. */
const sleepOf = (pid: number): Promise<number> =>
  waitUntil('its child is there', () => childrenOf(pid).find((one) => nameOf(one) === 'sleep'));

async function endedBeside(t: TestContext, { name, args = '', flags = [], variable }: Case) {
  const here = scene(t);
  if (variable) here.options.env['QW_SPARE'] = variable;
  const { pid, id, leave } = await agentThat(
    here,
    ['--no-watchdog', ...flags],
    `setsid "${program(here, name)}" ${args} &`,
  );
  const child = await sleepOf(pid);
  const { code, signal, stderr } = await leave();
  assert.deepEqual([code, signal], [CODE, null]);
  assert.ok(isAlive(pid) && isAlive(child));
  return { here, pid, id, stderr };
}

describe('a manager is spared, with its child, while T waits for it:', { concurrency: 2 }, () => {
  for (const one of MANAGERS) {
    test(title(one), async (t) => {
      const { here, pid, id, stderr } = await endedBeside(t, one);
      assert.match(stderr, new RegExp(`^qw-run: [^\n]*\\(${pid}\\b[^\n]*\n$`));
      assert.deepEqual(here.box.left(), [id]);
    });
  }
});

describe('a helper is spared, with its child, and with nothing open in T does not hold it:', {
  concurrency: 2,
}, () => {
  for (const one of HELPERS) {
    test(title(one), async (t) => {
      const { here, stderr } = await endedBeside(t, one);
      assert.deepEqual([stderr, here.box.left()], ['', []]);
    });
  }
});

const ENDED: Case[] = [
  { name: 'ssh-agent' }, // one that can be read, and names the session
  { name: 'my-helper' },
  { name: 'my-helper-2', flags: ['--spare', 'my-helper'] },
  { name: 'emacs' },
  { name: 'java', args: '-jar app.jar' },
  { name: 'chrome', args: '--headless --remote-debugging-port=0' },
  { name: 'claude', args: 'daemon run', flags: ['--backend', 'generic'] },
  { name: 'not-tmux' },
];

describe('ended, since it is none of those:', { concurrency: 2 }, () => {
  for (const one of ENDED) {
    test(title(one), async (t) => {
      const { name, args = '', flags = [] } = one;
      const here = scene(t);
      const { leave } = await agentThat(here, flags, `setsid "${program(here, name)}" ${args} &`);
      assert.equal((await leave()).code, CODE);
      here.nothingLeft();
    });
  }
});

test('while it lives the variables prove nothing: a survivor is ended when it is gone, and T goes', async (t) => {
  const here = scene(t);
  const script = `setsid sleep 601 >/dev/null 2>&1 & setsid "${program(here, 'tmux')}" &`;
  const { pid, id, leave } = await agentThat(here, [], script);
  const spared = [pid, await sleepOf(pid)];
  assert.equal((await leave()).code, CODE);
  assert.ok(spared.every(isAlive));
  assert.equal(here.processes().length, spared.length + 1);
  assert.deepEqual(await states(here), [`${id} held`]);
  for (const one of spared) await killed(one);
  await waitUntil('a reaper ends the survivor', async () => {
    await reapOnce(here, ['--orphans', 'end']);
    return here.processes().length === 0;
  });
  await here.nothingLeftSoon();
});

test('the agent itself is ended, however it is called', async (t) => {
  const here = scene(t);
  const { wrapper } = await agentThat(here, [], `exec "${program(here, 'tmux', 'trap "exit 5" TERM')}"`);
  kill(wrapper.pid, 'SIGTERM');
  assert.equal((await wrapper.done).code, 5);
  here.nothingLeft();
});

test('the reaper does not end it either, even when told to end members', async (t) => {
  const here = scene(t);
  const script = `setsid "${program(here, 'screen')}" & exec sleep 602 >/dev/null 2>&1`;
  const { agent: pid, id } = await openOwnerless(here, script);
  const spared = [pid, await sleepOf(pid)];
  const { report } = await reapOnce(here, ['--orphans', 'end']);
  assert.deepEqual(
    report.kept.map(({ id: one, state }) => [one, state]),
    [[id, 'held']],
  );
  assert.ok(isAlive(pid));
  assert.deepEqual(childrenOf(pid), spared.slice(1));
  // Its variables alone prove nothing of the agent, until the manager that hands them out is gone.
  assert.equal(here.processes().length, spared.length + 1);
  for (const one of spared) await killed(one);
  assert.deepEqual((await reapOnce(here, ['--orphans', 'end'])).ids, [id]);
  here.nothingLeft();
});
