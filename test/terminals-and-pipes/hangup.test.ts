// A terminal that goes away ends the session: the agent, what it put into sessions of its own, and the directory, whether
// a server hangs up on us alone (node-pty's kill) or the terminal is closed under everybody.
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, type TestContext, test } from 'node:test';
import { type Running, start } from '../helpers/cli.js';
import { OURS, onlyAttached } from '../helpers/modes.js';
import { fixture } from '../helpers/paths.js';
import { kill, stateOf } from '../helpers/processes.js';
import { openTerminal, type Terminal } from '../helpers/pty.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { personal } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const SURVIVORS = 'setsid sleep 600 & nohup setsid sleep 600 >/dev/null 2>&1 & setsid -f sleep 600;';
const WORKS = `echo work >"$TMPDIR/file"; ${SURVIVORS} echo ready $$; exec sleep 600`;
const DEAF = `trap "" HUP TERM; ${WORKS}`;
const { SIGHUP, SIGKILL } = constants.signals;

/** An agent alone is as it is without us. */
const ALONE = onlyAttached('a signal to the agent is its own business');

describe('node-pty’s kill, a SIGHUP to us alone,', { concurrency: 2 }, () => {
  test('ends agent, children in sessions of their own, and session; we die of SIGHUP', async (t) => {
    const { terminal, nothingLeftSoon } = await run(t, ['sh', '-c', WORKS]);
    terminal.pty.kill();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: SIGHUP });
    await nothingLeftSoon();
  });

  test('ends what ignores SIGHUP and SIGTERM after the grace period', { skip: ALONE }, async (t) => {
    const { terminal, nothingLeftSoon } = await run(t, ['--grace', '300ms', 'sh', '-c', DEAF]);
    terminal.pty.kill();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: SIGKILL });
    await nothingLeftSoon();
  });

  test('reaches an agent that handles it exactly once, and its exit code is ours', async (t) => {
    const { terminal, nothingLeftSoon } = await run(t, [process.execPath, fixture('tell-signals.mjs')]);
    terminal.pty.kill();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 });
    assert.deepEqual(terminal.screen().match(/SIG(HUP|TERM|INT|QUIT) \d/g), ['SIGHUP 1']);
    await nothingLeftSoon();
  });

  test('ends an agent that has stopped itself', { skip: ALONE }, async (t) => {
    const { terminal, agent, nothingLeftSoon } = await run(t, ['sh', '-c', WORKS]);
    kill(agent, 'SIGSTOP');
    await waitUntil('it is stopped', () => stateOf(agent) === 'T');
    terminal.pty.kill();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: SIGHUP });
    await nothingLeftSoon();
  });

  test('a second time changes nothing', async (t) => {
    const { terminal, nothingLeftSoon } = await run(t, ['sh', '-c', WORKS]);
    terminal.pty.kill();
    terminal.pty.kill();
    assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: SIGHUP });
    await nothingLeftSoon();
  });
});

describe('closing the terminal', { concurrency: 2 }, () => {
  for (const [what, script] of [
    ['whose only program we are', WORKS],
    ['of an agent that ignores it', DEAF],
  ] as const) {
    test(`${what} leaves nothing`, { skip: script === DEAF && ALONE }, async (t) => {
      const { stage, window } = openWindow(t, [...OURS, '--grace', '300ms', 'sh', '-c', script]);
      await readyPid(window.says);
      assert.equal(stage.box.left().length, 1);
      kill(window.pid, 'SIGKILL');
      await stage.nothingLeftSoon();
    });
  }

  const jobs: [where: string, typed: string, then: string][] = [
    ['in the foreground', `qw-run sh -c '${WORKS}'\r`, ''],
    ['in the background', `qw-run sh -c '${WORKS}' &\r`, ''],
    ['stopped', `qw-run sh -c '${WORKS}'\r`, '\x1a'],
  ];
  for (const [where, typed, then] of jobs) {
    test(`of a shell with us ${where} leaves nothing`, async (t) => {
      const { stage, window } = openWindow(t, ['bash', '--norc', '-i']);
      await window.says('status 0> ');
      window.child.stdin?.write(typed);
      const agent = await readyPid(window.says);
      window.child.stdin?.write(then);
      if (then) await window.says('status 148> ');
      await waitUntil('it is as it should be', () => stateOf(agent) === (then ? 'T' : 'S'));
      assert.equal(stage.box.left().length, 1);
      kill(window.pid, 'SIGKILL');
      await stage.nothingLeftSoon();
    });
  }
});

/** qw-run as the only program of a terminal, its agent ready. */
async function run(t: TestContext, args: string[]): Promise<Scene & { terminal: Terminal; agent: number }> {
  const stage = scene(t);
  const { cwd } = stage.options;
  const terminal = openTerminal(t, OURS[0], [...OURS.slice(1), ...args], { cwd, env: personal(stage) });
  await terminal.shows(/ready \d+\s/);
  assert.equal(stage.box.left().length, 1);
  return { ...stage, terminal, agent: Number(/ready (\d+)/.exec(terminal.screen())?.[1]) };
}

/** A terminal held by a process of its own, which can be killed. */
function openWindow(t: TestContext, command: string[]): { stage: Scene; window: Running } {
  const stage = scene(t);
  const { cwd } = stage.options;
  const window = start(fixture('hold-terminal.mjs'), command, { cwd, env: personal(stage), stdio: 'pipe' });
  return { stage, window };
}
