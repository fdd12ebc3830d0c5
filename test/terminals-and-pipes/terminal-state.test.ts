// The terminal itself: a resize reaches the agent, and the settings are as before when an agent died in raw mode, so that
// the shell behind us can be used.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { onlyAttached } from '../helpers/modes.js';
import { fixture } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { openTerminal } from '../helpers/pty.js';
import { quoted } from '../helpers/quoted.js';
import { parentOf, scene } from '../helpers/scene.js';
import { goOn, openShell, personal, stopped } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const RAW = `stty raw -echo; echo ready $$; exec sleep 600`;

describe('a resize', { concurrency: 2 }, () => {
  test('reaches the agent as SIGWINCH exactly once, and with its numbers', async (t) => {
    const shell = await openShell(t);
    const { wrapper } = await shell.starts(`qw-run node ${quoted(fixture('tell-signals.mjs'))}`);
    for (const times of [1, 2, 3]) {
      shell.pty.resize(100 + times, 30);
      await shell.shows(`SIGWINCH ${times}`);
    }
    kill(wrapper, 'SIGTERM');
    await shell.prompts(0);
    assert.deepEqual(shell.screen().match(/SIGWINCH \d+/g), ['SIGWINCH 1', 'SIGWINCH 2', 'SIGWINCH 3']);
    await shell.leaves();
  });

  test('is the size that the agent sees, at the start, while it runs, and after it was stopped', async (t) => {
    const shell = await openShell(t);
    shell.pty.resize(132, 43);
    const script = 'stty size; echo ready $$; while read line; do stty size; done';
    const { agent, wrapper } = await shell.starts(`qw-run sh -c '${script}'`);
    assert.match(shell.screen(), /^43 132\r$/m);
    shell.pty.resize(90, 20);
    shell.enters('');
    await shell.shows('20 90');
    shell.type('\x1a');
    await shell.prompts(148);
    await stopped(agent, wrapper);
    shell.pty.resize(95, 21);
    shell.enters('fg');
    await goOn(agent, wrapper);
    shell.enters('');
    await shell.shows('21 95');
    shell.type('\x04');
    await shell.prompts(0);
    await shell.leaves();
  });
});

/** Who has become the agent is gone with it. */
const RESTORES = onlyAttached('nobody is left who could');

describe('settings', { concurrency: 2, skip: RESTORES }, () => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGSEGV'] as const) {
    const status = 128 + constants.signals[signal];
    test(`are as before when an agent in raw mode is killed by ${signal}`, async (t) => {
      const { agent, ends } = await begin(t, 'qw-run', `sh -c '${RAW}'`);
      kill(agent, signal);
      const { before, after } = await ends(status);
      assert.equal(after, before);
    });
  }

  test('would not be without us', async (t) => {
    const { agent, ends } = await begin(t, '', `sh -c '${RAW}'`);
    kill(agent, 'SIGKILL');
    const { before, after } = await ends(137);
    assert.notEqual(after, before);
  });

  test('are as before when the wrapper is told to end an agent in raw mode', async (t) => {
    const { agent, ends } = await begin(t, 'qw-run', `sh -c '${RAW}'`);
    kill(parentOf(agent), 'SIGTERM');
    const { before, after } = await ends(143);
    assert.equal(after, before);
  });

  for (const [fd, redirected] of [
    [0, '>/dev/null 2>&1'],
    [1, '</dev/null 2>/dev/null'],
    [2, '</dev/null >/dev/null'],
  ] as const) {
    test(`are as before where only descriptor ${fd} is the terminal`, async (t) => {
      const raw = 'stty raw -echo </dev/tty; echo ready $$ >/dev/tty; exec sleep 600';
      const { agent, ends } = await begin(t, 'qw-run', `sh -c '${raw}' ${redirected}`);
      kill(agent, 'SIGKILL');
      const { before, after } = await ends(137);
      assert.equal(after, before);
    });
  }

  test('of an agent that ends by itself are left as it wanted them', async (t) => {
    const wanted = 'stty raw -echo; echo ready $$; head -c 1; exit 3';
    const { type, ends } = await begin(t, 'qw-run', `sh -c '${wanted}'`);
    type('x');
    const { before, after } = await ends(3);
    assert.notEqual(after, before);
  });

  for (const [how, end] of [
    ['is killed', 'kill -KILL $$'],
    ['would dump core', 'ulimit -c 0; kill -SEGV $$'],
    ['ends', 'exit 0'],
  ] as const) {
    test(`of another job in the foreground stay when an agent behind it ${how}`, async (t) => {
      const shell = await openShell(t);
      const waits = (file: string) => `echo ready $$; until [ -e ${file} ]; do sleep 0.05; done`;
      const { wrapper } = await shell.starts(`qw-run sh -c '${waits('end')}; ${end}' &`);
      await shell.starts(`sh -c 'stty intr ^K; ${waits('look')}; stty -a'`);
      writeFileSync(join(shell.box.cwd, 'end'), '');
      await waitUntil('the wrapper is gone', () => !isAlive(wrapper));
      writeFileSync(join(shell.box.cwd, 'look'), '');
      await shell.shows(/intr = \S+;/);
      assert.match(shell.screen(), /intr = \^K;/);
      await shell.prompts(0);
      await shell.leaves(['end', 'look']);
    });
  }
});

test('a line typed after a SIGKILL in raw mode is echoed and edited', { skip: RESTORES }, async (t) => {
  const { agent, type, ends } = await begin(t, 'qw-run', `sh -c '${RAW}'`);
  kill(agent, 'SIGKILL');
  const { screen } = await ends(137, () => type('abX\x7fc\r'));
  assert.ok(screen.includes('abX\b \bc'), screen);
  assert.match(screen, /read <abc>/);
});

/** Runs `command` between two looks at unusual settings, from a script: an interactive bash would repair them itself. */
async function begin(t: TestContext, prefix: string, command: string) {
  const stage = scene(t);
  const script = `stty intr ^K; echo "before $(stty -g)"; ${prefix} ${command}
    echo "status $?"; echo "after $(stty -g)"; read -r line; echo "read <$line>"`;
  const terminal = openTerminal(t, 'sh', ['-c', script], { cwd: stage.box.cwd, env: personal(stage) });
  await terminal.shows(/ready \d+\s/);
  const find = (what: RegExp) => what.exec(terminal.screen())?.[1];
  /** Checks the status and gives the settings; ends the script by a line, `types` or an empty one. */
  const ends = async (status: number, types = () => terminal.type('\n')) => {
    await terminal.shows(/after [0-9a-f:]+\s/);
    types();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 });
    assert.equal(find(/status (\d+)/), `${status}`, terminal.screen());
    await stage.nothingLeftSoon();
    return { before: find(/before (\S+)/), after: find(/after (\S+)/), screen: terminal.screen() };
  };
  return { agent: Number(find(/ready (\d+)/)), type: terminal.type, ends };
}
