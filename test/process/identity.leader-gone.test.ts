// A process lives as long as one thread of it does. One whose first thread has left looks like a zombie, and /proc/PID says nothing of
// what it has: the entries of its other threads do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { identify, isAlive, readStat } from '#src/process/identity.js';
import { start } from '../helpers/cli.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { listed, states } from '../helpers/listed.js';
import { stranger } from '../helpers/outsider.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { kill, stateOf } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import {
  deadOwner,
  forge,
  identityOf,
  ids,
  killed,
  leaseOf,
  openWith,
  reapOnce,
} from '../helpers/reaping.js';
import { readyPid, scene } from '../helpers/scene.js';
import { openShell, stopped } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const program = fixture('leave-first-thread.py');
const LEAVES = quoted('python3', program);
const skip =
  (process.platform !== 'linux' && 'there is no procfs') ||
  (spawnSync('python3', ['-c', '']).status !== 0 && 'there is no python3');
const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);

describe('a process whose first thread has left', { skip, concurrency: 2 }, () => {
  test('is alive until its last thread is gone, whoever collects it', async (t) => {
    const pid = await stranger(scene(t), 'python3', [program]);
    const identity = identityOf(pid);
    assert.equal(stateOf(pid), 'Z');
    assert.deepEqual([identify(pid), isAlive(identity)], [identity, true]);
    assert.ok('SRD'.includes(readStat(pid)?.state ?? 'gone'));
    await killed(pid);
    assert.equal(isAlive(identity), false);
  });

  test('as an agent keeps its TMPDIR after kill -9 of the wrapper, until it ends', async (t) => {
    const here = scene(t);
    const session = await openWith(here, [], `cd "$TMPDIR"; exec ${LEAVES} .`);
    await killed(session.wrapper.pid);
    assert.deepEqual(await states(here), [`${session.id} held`]);
    const size = sizeOf(join(session.tmpdir, 'written'));
    await waitUntil('it writes on', () => sizeOf(join(session.tmpdir, 'written')) > size);
    assert.deepEqual((await reapOnce(here)).ids, []);
    kill(session.agent, 'SIGTERM');
    await here.nothingLeftSoon();
  });

  test('as an agent keeps the wrapper waiting', async (t) => {
    const here = scene(t);
    const wrapper = start(qwRun, ['--', 'python3', program], here.options);
    const agent = await readyPid(wrapper.says);
    assert.deepEqual(
      (await listed(here)).map(({ state, reason }) => [state, reason]),
      [['live', 'owner-alive']],
    );
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).signal, 'SIGTERM');
    assert.ok(!existsSync(`/proc/${agent}`));
    here.nothingLeft();
  });

  for (const [what, how] of [
    ['of the agent', 'exec'],
    ['in its own session', 'setsid'],
  ])
    test(`as a survivor ${what} is ended and named at a normal end`, async (t) => {
      const here = scene(t);
      const { pid, leave } = await agentThat(here, [], `${how} ${LEAVES} &`);
      const { code, stderr } = await leave();
      assert.equal(code, CODE);
      assert.match(stderr, new RegExp(`^qw-run: [^\n]*python3? \\(${pid}\\)`));
      here.nothingLeft();
    });

  for (const [what, args] of [
    ['an environment', []],
    ['a working directory and a file', ['.']],
  ] as const)
    test(`and that has ${what} of a session holds it`, async (t) => {
      const here = scene(t);
      const { dir, tmpdir } = forge(here.box, 'held0001', {
        lease: leaseOf('held0001', { owner: deadOwner() }),
      });
      const wanted = args.map(() => tmpdir);
      const env = args.length > 0 ? [] : [`TMPDIR=${tmpdir}`];
      const pid = await stranger(here, 'env', [...env, 'python3', program, ...wanted]);
      const { report, ids: removed } = await reapOnce(here);
      assert.deepEqual([removed, report.kept.map(({ state }) => state)], [[], ['held']]);
      const [session] = await listed(here);
      assert.deepEqual(
        session?.holders.map((holder) => holder.pid),
        [pid],
      );
      await killed(pid);
      assert.deepEqual((await reapOnce(here)).ids, ['held0001']);
      assert.ok(!existsSync(dir));
      assert.deepEqual(ids(here.box), []);
    });

  test('stops the wrapper when it stops, and is woken by fg', async (t) => {
    const shell = await openShell(t);
    const { agent, wrapper } = await shell.starts(`qw-run ${LEAVES}`);
    kill(agent, 'SIGTSTP');
    await shell.prompts(148);
    await stopped(wrapper);
    shell.enters('fg');
    await waitUntil('both go on', () => [agent, wrapper].every((pid) => readStat(pid)?.state !== 'T'));
    kill(agent, 'SIGTERM');
    await shell.prompts(143);
    await shell.leaves();
  });
});
