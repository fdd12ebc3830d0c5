// How sessions of agents end that leave something running: Claude's daemon is not ended and keeps what it uses; launchers that
// swallow signals, or leave their native program when killed, are ended with all they started. Against programs that
// imitate the processes as they were seen: names, arguments, sessions.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { childrenOf, run, start } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { states } from '../helpers/listed.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, reapOnce } from '../helpers/reaping.js';
import { parentOf, readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** `claude --bg` under qw-run, which has ended; the worker's pid and its session's id. */
async function background(here: Scene): Promise<{ worker: number; id: string; stderr: string }> {
  const exe = join(here.box.dir, 'claude.exe');
  copyFileSync('/bin/bash', exe);
  const link = join(here.box.dir, 'claude');
  symlinkSync(fixture('fake-daemon.sh'), link);
  const { code, stdout, stderr } = await run(qwRun, [link, exe], here.options);
  assert.equal(code, 0, stderr);
  return { worker: Number(/ready (\d+)/.exec(stdout)?.[1]), id: ids(here.box)[0] ?? '', stderr };
}

/** The daemon leaves by itself. */
function leave({ box }: Scene): void {
  writeFileSync(join(box.cwd, 'leave'), '');
}

const FILES = ['daemon', 'host', 'leave', 'ready', 'worker'];

describe("Claude's daemon", { concurrency: 2 }, () => {
  test('is not ended, nor what it serves; its files stay while it uses them, then go', async (t) => {
    const here = scene(t);
    const { worker, id, stderr } = await background(here);
    const host = parentOf(worker);
    const daemon = parentOf(host);
    assert.deepEqual([daemon, host, worker].map(nameOf), ['claude.exe', 'claude.exe', 'bash']);
    assert.match(stderr, new RegExp(`stays while it is in use by .*bash \\(${worker}, spared\\)`));
    assert.ok(existsSync(join(here.box.root, id, 'tmp/in-use')));
    assert.deepEqual(await states(here), [`${id} held`]);
    const { report } = await reapOnce(here, ['--orphans', 'end']);
    assert.deepEqual(report.removed, []);
    assert.ok([daemon, host, worker].every(isAlive));
    leave(here);
    await here.nothingLeftSoon(FILES);
  });

  test('is left alone by the end of another session too', async (t) => {
    const here = scene(t);
    const { worker, id } = await background(here);
    const { code } = await run(qwRun, ['--backend', 'claude', 'true'], here.options);
    assert.deepEqual([code, isAlive(worker), here.box.left()], [0, true, [id]]);
    leave(here);
    await here.nothingLeftSoon(FILES);
  });
});

describe('ended, all of it', { concurrency: 2 }, () => {
  const launcher = ({ box }: Scene, name: string) => {
    const link = join(box.dir, name);
    symlinkSync(fixture('fake-launcher.sh'), link);
    return link;
  };

  test("Gemini's launcher at SIGTERM, at once: it is told not to start itself again", async (t) => {
    const here = scene(t);
    const wrapper = start(qwRun, ['--grace', '60s', launcher(here, 'gemini'), 'swallow'], here.options);
    const agent = await readyPid(wrapper.says);
    assert.deepEqual(childrenOf(wrapper.pid).includes(agent), true);
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).code, 5);
    here.nothingLeft();
  });

  test('one that swallows SIGTERM, with its worker, after the grace period', async (t) => {
    const here = scene(t);
    const args = ['--backend', 'generic', '--grace', '300ms', launcher(here, 'gemini'), 'swallow'];
    const wrapper = start(qwRun, args, here.options);
    const worker = await readyPid(wrapper.says);
    assert.ok(!childrenOf(wrapper.pid).includes(worker));
    kill(wrapper.pid, 'SIGTERM');
    await wrapper.done;
    here.nothingLeft();
  });

  test("Codex's native program after SIGKILL of its launcher", async (t) => {
    const here = scene(t);
    const wrapper = start(qwRun, [launcher(here, 'codex'), 'native'], here.options);
    const agent = await readyPid(wrapper.says);
    await waitUntil('the native program is there', () =>
      here.processes().some((pid) => nameOf(pid) === 'sleep'),
    );
    kill(agent, 'SIGKILL');
    const { signal, stderr } = await wrapper.done;
    assert.equal(signal, 'SIGKILL');
    assert.match(stderr, /^qw-run: ended \d+ left running: .*sleep/m);
    here.nothingLeft();
  });

  test('a command of sandboxed Claude, whose TMPDIR is below the session’s', async (t) => {
    const here = scene(t);
    const command = 'echo $$ >"$TMPDIR/pid"; exec sleep 600';
    const script = `d="$TMPDIR/claude-$(id -u)"; mkdir "$d"; (TMPDIR="$d" setsid sh -c '${command}' >/dev/null 2>&1 &)
      until grep -qs sleep "/proc/$(cat "$d/pid" 2>/dev/null)/comm"; do sleep 0.01; done`;
    const { code, stderr } = await run(qwRun, ['--backend', 'claude', 'sh', '-c', script], here.options);
    assert.equal(code, 0);
    assert.match(stderr, /^qw-run: ended 1 left running: sleep/);
    here.nothingLeft();
  });
});
