// adopt() takes a child, or who has the session's environment and is younger; anybody else is refused, not named in the
// lease, and lives on when the session ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { type QwRunError, type RunAgentOptions, runAgent } from 'qw-run';
import { run } from '../helpers/cli.js';
import { agentIn, leaseIn, opened } from '../helpers/opened.js';
import { stranger } from '../helpers/outsider.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive, stateOf } from '../helpers/processes.js';
import { identityOf, killed } from '../helpers/reaping.js';
import { parentOf, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = process.platform !== 'linux' && 'no procfs';
const refused = (reason: RegExp) => (error: QwRunError) => {
  assert.equal(error.code, 'ERR_QW_NO_PROCESS');
  assert.match(error.message, reason);
  return true;
};

/** A process that is nobody's child here: its starter leaves at once. */
async function orphaned(t: TestContext, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('sh', ['-c', 'setsid sleep 600 >/dev/null 2>&1 & echo $!'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  await waitUntil('its number', () => said.endsWith('\n'));
  const pid = Number(said);
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  await waitUntil('it is on its own', () => parentOf(pid) !== child.pid);
  return pid;
}

describe('adopt()', { skip, concurrency: 2 }, () => {
  test('refuses a stranger, who lives on', async (t) => {
    const here = scene(t);
    const outside = await orphaned(t, here.options.env);
    const session = await opened(t, here);
    const later = await orphaned(t, here.options.env);
    assert.throws(() => session.adopt(outside), refused(/older than session|no child/));
    assert.throws(() => session.adopt(later), refused(/no child of this process/));
    const [parent] = [process.ppid];
    assert.throws(() => session.adopt(parent), refused(/another user|older|no child/));
    assert.equal(leaseIn(session)['agent'], undefined);
    assert.deepEqual((await session.end()).ended, []);
    assert.ok(isAlive(outside) && isAlive(later));
  });

  test('refuses this very process, and says that it is ours', async (t) => {
    const session = await opened(t, scene(t));
    assert.throws(() => session.adopt(process.pid), refused(/not our own \(\d+\)$/));
    assert.throws(() => session.adopt(1), refused(/, not 1$/));
    await session.end();
  });

  test('refuses one that is gone', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600', { adopts: false });
    await killed(pid);
    await waitUntil('it is collected', () => stateOf(pid) === undefined);
    assert.throws(() => session.adopt(pid), refused(/it is gone/));
    assert.equal((await session.end()).state, 'removed');
    here.nothingLeft();
  });

  test('refuses the child of another session’s agent', async (t) => {
    const here = scene(t);
    const [session, other] = [await opened(t, here), await opened(t, here)];
    const pid = await orphaned(t, other.env(here.options.env));
    assert.throws(() => session.adopt(pid), refused(/no environment of session/));
    await session.end();
    assert.ok(isAlive(pid));
    await other.end();
    assert.ok(!isAlive(pid));
    here.nothingLeft();
  });

  test('takes who was started by somebody else in the session’s environment', async (t) => {
    const here = scene(t);
    for (const more of [{}, { TMPDIR: here.box.dir }]) {
      const session = await opened(t, here);
      const pid = await orphaned(t, { ...session.env(here.options.env), ...more });
      session.adopt(pid);
      assert.deepEqual(leaseIn(session)['agent'], identityOf(pid));
      await session.end();
      assert.ok(!isAlive(pid));
    }
    here.nothingLeft();
  });

  test('takes a child whatever its environment, and one that is a zombie already', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const pid = await stranger(here, 'sh', ['-c', 'echo ready; exec sleep 600']);
    session.adopt(pid);
    const child = spawn('true', { ...here.options, stdio: 'ignore' });
    for (const until = Date.now() + 30_000; stateOf(child.pid as number) !== 'Z'; )
      assert.ok(Date.now() < until); // not one turn of the event loop: it would be collected
    session.adopt(child.pid as number);
    assert.equal((leaseIn(session)['agent'] as { pid: number }).pid, child.pid);
    await session.end();
    await killed(pid);
    here.nothingLeft();
  });

  test('is no hurdle for a wrapper whose command is gone at once', async (t) => {
    const here = scene(t);
    const options: RunAgentOptions = here.options;
    for (let times = 0; times < 10; times += 1) {
      const { exitCode, end } = await (await runAgent('true', [], options)).result;
      assert.deepEqual([exitCode, end.state], [0, 'removed']);
    }
    const { code, stderr } = await run(qwRun, ['true'], here.options);
    assert.deepEqual([code, stderr], [0, '']);
    here.nothingLeft();
  });
});
