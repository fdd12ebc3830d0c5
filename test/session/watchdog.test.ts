// The watchdog as a process: one for each owner, out of reach of signals to the owner's group and of walks of its tree,
// holding nothing of the session, and gone right after a normal end.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { lockOf } from '../helpers/locks.js';
import { ancestors, server, watchdogOf, watchdogsOf } from '../helpers/owners.js';
import { isAlive, kill } from '../helpers/processes.js';
import { killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "';

/** Field of /proc/PID/stat counted as in proc(5). */
const field = (pid: number, number: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3]);
};
const group = (pid: number) => field(pid, 5);
const session = (pid: number) => field(pid, 6);
const environment = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
const ignored = (pid: number, signal: number): boolean => {
  const mask = /SigIgn:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
};

describe('the watchdog', { concurrency: 4 }, () => {
  test('is in a session and group of its own, and no descendant of the owner or agent', async (t) => {
    const here = scene(t);
    const { wrapper, pid: agent, leave } = await agentThat(here, [], AGENT);
    const watchdog = await watchdogOf(wrapper.pid);
    for (const other of [wrapper.pid, agent, process.pid]) {
      assert.notEqual(session(watchdog), session(other));
      assert.notEqual(group(watchdog), group(other));
      assert.ok(!ancestors(watchdog).includes(other));
    }
    assert.equal((await leave()).code, CODE);
  });

  test('works in /, with nothing of the session in its environment and descriptors', async (t) => {
    const here = scene(t);
    here.options.env['QW_GRACE'] = '1s';
    const { wrapper, leave } = await agentThat(here, [], AGENT);
    const watchdog = await watchdogOf(wrapper.pid);
    assert.equal(readlinkSync(`/proc/${watchdog}/cwd`), '/');
    assert.deepEqual(
      environment(watchdog).filter((entry) => /^(TMPDIR|TMP|TEMP|QW_\w*|TEST_MARK)=/.test(entry)),
      [],
    );
    const fds = readdirSync(`/proc/${watchdog}/fd`).map((fd) => [
      fd,
      readlinkSync(`/proc/${watchdog}/fd/${fd}`),
    ]);
    const open = Object.fromEntries(fds) as Record<string, string>;
    assert.deepEqual([open['1'], open['2']], ['/dev/null', '/dev/null']);
    assert.match(open['0'] ?? '', /^(pipe|socket):/); // whose other end is in the owner
    // The lock and the root, no session.
    const { root } = here.box;
    const ours = new Set([root, join(root, lockOf(wrapper.pid))]);
    assert.deepEqual(
      Object.values(open).filter((path) => path.startsWith(here.box.dir) && !ours.has(path)),
      [],
    );
    assert.equal((await leave()).code, CODE);
  });

  test('outlives TERM, INT and HUP, and still does its work', async (t) => {
    const here = scene(t);
    const { wrapper, pid: agent } = await agentThat(here, [], `${AGENT}; exec >/dev/null 2>&1`);
    const watchdog = await watchdogOf(wrapper.pid);
    assert.notEqual(group(watchdog), group(process.pid));
    for (const [signal, number] of [
      ['SIGTERM', 15],
      ['SIGINT', 2],
      ['SIGHUP', 1],
    ] as const) {
      assert.ok(ignored(watchdog, number), `${signal} is ignored`);
      kill(watchdog, signal);
      kill(-group(watchdog), signal);
    }
    await killed(wrapper.pid);
    assert.ok(isAlive(watchdog));
    await killed(agent);
    await here.nothingLeftSoon();
    await waitUntil('it has left', () => !isAlive(watchdog));
  });

  test('leaves right after a normal end', async (t) => {
    const here = scene(t);
    const { wrapper, leave } = await agentThat(here, [], AGENT);
    const watchdog = await watchdogOf(wrapper.pid);
    assert.equal((await leave()).code, CODE);
    await waitUntil('it has left', () => !isAlive(watchdog));
    assert.deepEqual(watchdogsOf(wrapper.pid), []);
    here.nothingLeft();
  });

  test('is not there with --no-watchdog', async (t) => {
    const here = scene(t);
    const { wrapper, leave } = await agentThat(here, ['--no-watchdog'], AGENT);
    assert.deepEqual(watchdogsOf(wrapper.pid), []);
    assert.equal((await leave()).code, CODE);
    here.nothingLeft();
  });

  test('is one for all sessions of a server, and leaves with the last of them', async (t) => {
    const here = scene(t);
    const { owner, tell } = await server(here, 4);
    const watchdog = await watchdogOf(owner.pid);
    tell('end');
    await owner.says('ended');
    await waitUntil('it has left', () => !isAlive(watchdog));
    assert.ok(isAlive(owner.pid), 'the server goes on');
    await killed(owner.pid);
    here.nothingLeft();
  });

  test('when killed itself, takes nothing down: the session ends as ever', async (t) => {
    const here = scene(t);
    const { wrapper, leave } = await agentThat(here, [], AGENT);
    await killed(await watchdogOf(wrapper.pid));
    const { code, signal, stderr } = await leave();
    assert.deepEqual([code, signal, stderr], [CODE, null, '']);
    here.nothingLeft();
  });
});
