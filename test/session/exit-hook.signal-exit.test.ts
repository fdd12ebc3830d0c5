// A library owner that goes down with its sessions open, in any way but SIGKILL: exit code and signal stay what they are,
// the agent is ended, and soon nothing is left, also without a watchdog where the agent was gone already.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { states } from '../helpers/listed.js';
import { server, watchdogsOf } from '../helpers/owners.js';
import { repoRoot } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

interface Way {
  how: string;
  tell?: 'exit' | 'throw';
  signal?: NodeJS.Signals;
  expected: [code: number | null, signal: NodeJS.Signals | null];
}

const WAYS: Way[] = [
  { how: 'calls process.exit(3)', tell: 'exit', expected: [3, null] },
  { how: 'throws an error that nobody catches', tell: 'throw', expected: [1, null] },
  ...(['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map(
    (signal): Way => ({ how: `gets ${signal} and has no handler`, signal, expected: [null, signal] }),
  ),
];

describe('an owner with two open sessions', { concurrency: 2 }, () => {
  for (const { how, tell, signal, expected } of WAYS) {
    for (const [agents, script, isLeft] of [
      ['whose agents live', undefined, true],
      ['whose agents left a survivor', 'setsid sleep 600 & exec sleep 601', true],
      ['whose agents are gone', 'exit 0', false],
    ] as const) {
      test(`${how}, ${agents}`, async (t) => {
        const here = scene(t);
        const { owner, sessions, tell: say } = await server(here, 2, script);
        if (!isLeft) await waitUntil('they are gone', () => sessions.every(({ agent }) => !isAlive(agent)));
        assert.equal(here.box.left().length, 2);
        if (tell) say(tell);
        if (signal) kill(owner.pid, signal);
        const { code, signal: by, stderr } = await owner.done;
        assert.deepEqual([code, by], expected, stderr);
        if (tell !== 'throw') assert.equal(stderr, '');
        await here.nothingLeftSoon();
        await waitUntil('the watchdog has left', () => watchdogsOf(owner.pid).length === 0);
      });
    }
  }
});

/** One session without a watchdog, whose agent is gone once ready is said, unless it lives on. */
const ALONE = `import { openSession } from 'qw-run';
  import { spawn } from 'node:child_process';
  const session = await openSession({ backend: 'generic', watchdog: false });
  const [script, handles] = process.argv.slice(1);
  const agent = spawn('sh', ['-c', script], { env: session.env(process.env), stdio: 'ignore' });
  session.adopt(agent.pid);
  if (handles) process.on('SIGTERM', () => console.log('handled'));
  const ready = () => console.log('ready ' + agent.pid + ' ');
  if (script === 'exit 0') agent.on('exit', ready);
  else ready();
  setInterval(() => {}, 60000);`;

const alone = async (here: Scene, ...args: string[]) => {
  const options = { ...here.options, cwd: repoRoot };
  const owner = start('--input-type=module', ['-e', ALONE, ...args], options);
  return { owner, agent: await readyPid(owner.says) };
};

describe('without a watchdog', () => {
  test('a session whose agent is gone is removed on the way out', async (t) => {
    const here = scene(t);
    const { owner } = await alone(here, 'exit 0');
    kill(owner.pid, 'SIGTERM');
    assert.equal((await owner.done).signal, 'SIGTERM');
    await here.nothingLeftSoon();
  });

  test('a living agent is ended, and the session is removed after us', async (t) => {
    const here = scene(t);
    const { owner, agent } = await alone(here, 'exec sleep 600');
    kill(owner.pid, 'SIGTERM');
    assert.equal((await owner.done).signal, 'SIGTERM');
    await waitUntil('the agent is ended', () => !isAlive(agent));
    await here.nothingLeftSoon();
  });

  test('an owner that handles SIGTERM and goes on keeps its session and agent', async (t) => {
    const here = scene(t);
    const { owner, agent } = await alone(here, 'exec sleep 600', 'handles');
    kill(owner.pid, 'SIGTERM');
    await owner.says('handled');
    assert.ok(isAlive(agent));
    assert.deepEqual(await states(here), [`${ids(here.box)[0]} live`]);
    kill(owner.pid, 'SIGHUP');
    assert.equal((await owner.done).signal, 'SIGHUP');
    await here.nothingLeftSoon();
  });
});
