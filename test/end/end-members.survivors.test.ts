// What an agent leaves behind when it exits is ended with the session, however it was started, and named in one line.
// The exit code stays the agent's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { Finished } from '../helpers/cli.js';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { fixture } from '../helpers/paths.js';
import { kill, stateOf } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { parentOf, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = `sh -c 'echo "ready $$ "; exec sleep 600'`;
const IGNORE_TERM = `sh -c 'trap "" TERM; echo "ready $$ "; exec sleep 600'`;
const NAMESPACE = ['--user', '--map-root-user', '--pid', '--fork'];

/** The agent's exit code, and exactly one line, which names this process. */
function endedAndNamed({ code, signal, stderr }: Finished, pid: number, name = 'sleep'): void {
  assert.deepEqual([code, signal], [CODE, null], stderr);
  assert.match(stderr, /^qw-run: [^\n]+\n$/);
  assert.match(stderr, new RegExp(`\\b${name} \\(${pid}\\)`));
}

describe('a survivor is ended and named, and T is removed:', { concurrency: 2 }, () => {
  const table: [how: string, script: string][] = [
    ['in the background', `${STAY} &`],
    ['in a session of its own', `setsid ${STAY} &`],
    ['under nohup', `nohup ${STAY} 2>/dev/null &`],
    ['that lets only SIGTERM and SIGKILL end it', `(trap "" HUP INT QUIT PIPE; exec setsid ${STAY}) &`],
    ['with all descriptors closed', `setsid sh -c 'echo "ready $$ "; exec sleep 600 <&- >&- 2>&-' &`],
  ];
  for (const [how, script] of table) {
    test(how, async (t) => {
      const here = scene(t);
      const { pid, leave } = await agentThat(here, [], script);
      await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
      endedAndNamed(await leave(), pid);
      here.nothingLeft();
    });
  }

  for (const [how, script] of [
    ['forked twice', `(${STAY} &)`],
    ['forked twice, in a session of its own, with another directory', `(cd / && setsid ${STAY} &)`],
  ] as const) {
    test(how, async (t) => {
      const here = scene(t);
      const { pid, wrapper, leave } = await agentThat(here, [], script);
      await waitUntil(
        'it has lost its parent',
        () => nameOf(pid) === 'sleep' && parentOf(parentOf(pid)) !== wrapper.pid,
      );
      endedAndNamed(await leave(), pid);
      here.nothingLeft();
    });
  }

  test('stopped', async (t) => {
    const here = scene(t);
    const { pid, leave } = await agentThat(here, ['--grace', '10m'], `setsid ${STAY} &`);
    await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
    kill(pid, 'SIGSTOP');
    await waitUntil('it is stopped', () => stateOf(pid) === 'T');
    endedAndNamed(await leave(), pid); // within the time of this test, so by SIGTERM
    here.nothingLeft();
  });

  test('that ignores SIGTERM, once the grace period is over', async (t) => {
    const here = scene(t);
    const { pid, leave } = await agentThat(here, ['--grace', '600ms'], `setsid ${IGNORE_TERM} &`);
    await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
    const before = performance.now();
    const end = await leave();
    assert.ok(performance.now() - before >= 600);
    endedAndNamed(end, pid);
    here.nothingLeft();
  });

  test('that starts itself anew at each SIGTERM', async (t) => {
    const here = scene(t);
    const script = `setsid sh ${quoted(fixture('fork-on-sigterm.sh'))} &`;
    const { pid, leave } = await agentThat(here, ['--grace', '1s'], script);
    endedAndNamed(await leave(), pid, 'sh');
    here.nothingLeft();
  });

  test('in a pid namespace', { skip: noNamespace() }, async (t) => {
    const here = scene(t);
    const script = `setsid unshare ${NAMESPACE.join(' ')} sh -c 'echo inside; exec sleep 600' & echo "ready $! "`;
    const { wrapper, pid, leave } = await agentThat(here, ['--grace', '600ms'], script);
    await wrapper.says('inside');
    await waitUntil('its exec is done', () => here.processes().some((one) => nameOf(one) === 'sleep'));
    endedAndNamed(await leave(), pid, 'unshare');
    here.nothingLeft();
  });
});

function noNamespace(): string | false {
  const { status } = spawnSync('unshare', [...NAMESPACE, 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'no pid namespace to be had (unshare)';
}
