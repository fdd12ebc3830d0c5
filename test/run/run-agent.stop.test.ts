// Ending what runAgent started before it ends by itself: stop(), an aborted signal, a timeout, its pid; two at once.
import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type AgentRun, type EndReport, type RunAgentOptions, runAgent } from 'qw-run';
import { fixture } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** An agent and what it left in a session of its own. */
async function family(
  { options }: Scene,
  more: RunAgentOptions = {},
  output = '',
): Promise<{ run: AgentRun; pids: number[] }> {
  const script = `setsid sleep 600 ${output} & echo $! > "$TMPDIR/c"; mv "$TMPDIR/c" "$TMPDIR/child"; exec sleep 600`;
  const run = await runAgent('sh', ['-c', script], { ...options, ...more });
  const file = join(run.session.tmpdir, 'child');
  await waitUntil('the agent is ready', () => existsSync(file));
  return { run, pids: [run.subprocess.pid as number, Number(readFileSync(file, 'utf8'))] };
}

describe('an agent of runAgent is ended, with all it started', { concurrency: 2 }, () => {
  test('by stop(), which is the result; twice is once', async (t) => {
    const here = scene(t);
    const { run, pids } = await family(here);
    const [one, other] = await Promise.all([run.stop(), run.stop()]);
    assert.equal(one, other);
    assert.equal(one, await run.result);
    assert.deepEqual([one.exitCode, one.signal, one.end.state], [undefined, 'SIGTERM', 'removed']);
    assert.deepEqual(one.end.ended.map(({ pid }) => pid).sort(), pids.sort());
    assert.ok(!pids.some(isAlive));
    here.nothingLeft();
    assert.equal(await run.stop(), one, 'later too');
  });

  test('by session.end()', async (t) => {
    const here = scene(t);
    const { run, pids } = await family(here);
    const end = await run.session.end();
    assert.equal(end.state, 'removed');
    const result = await run.result;
    assert.equal(result.end, end);
    assert.equal(result.signal, 'SIGTERM');
    assert.ok(!pids.some(isAlive));
    here.nothingLeft();
  });

  const ways: [how: string, act: (run: AgentRun, controller: AbortController) => void, signal: string][] = [
    ['an AbortSignal given to execa', (_run, controller) => controller.abort(), 'SIGTERM'],
    ['subprocess.kill()', ({ subprocess }) => void subprocess.kill('SIGINT'), 'SIGINT'],
    ['SIGKILL from elsewhere', ({ subprocess: { pid = 0 } }) => kill(pid, 'SIGKILL'), 'SIGKILL'],
  ];
  for (const [how, act, expected] of ways) {
    test(`by ${how}, the survivor writing nowhere`, async (t) => {
      const here = scene(t);
      const controller = new AbortController();
      const execa = { signal: controller.signal };
      const { run, pids } = await family(here, { execa }, '>/dev/null 2>&1');
      act(run, controller);
      const { signal, end } = await run.result;
      assert.deepEqual([signal, end.state], [expected, 'removed']);
      assert.deepEqual(
        end.ended.map(({ pid }) => pid),
        pids.slice(1),
      );
      here.nothingLeft();
    });
  }

  test('where the agent leaves by itself and its survivor still has its stdout', async (t) => {
    const here = scene(t);
    const { run, pids } = await family(here);
    kill(pids[0] as number, 'SIGKILL');
    let end: EndReport | undefined;
    void run.result.then((result) => {
      end = result.end;
    });
    try {
      await waitUntil('the session has ended', () => end);
    } finally {
      await run.stop();
    }
    assert.ok(!pids.some(isAlive));
    here.nothingLeft();
  });

  test('by a signal that was aborted before it began, and by execa’s timeout', async (t) => {
    const here = scene(t);
    const table: [NonNullable<RunAgentOptions['execa']>, RegExp][] = [
      [{ signal: AbortSignal.abort() }, /cancel/],
      [{ timeout: 100 }, /timed out/],
    ];
    for (const [execa, words] of table) {
      const { result } = await runAgent('sleep', ['600'], { ...here.options, execa });
      const { failure, end } = await result;
      assert.match(failure ?? '', words);
      assert.equal(end.state, 'removed');
    }
    here.nothingLeft();
  });

  test('by execa’s timeout, told as that where Node kills before execa does', async (t) => {
    const here = scene(t);
    const { spawn } = childProcess;
    t.mock.method(childProcess, 'spawn', ((...args: Parameters<typeof spawn>) => {
      const child = spawn(...args);
      // Its timer runs, execa's does not yet.
      for (const since = performance.now(); args[0] === 'sleep' && performance.now() - since < 50; );
      return child;
    }) as typeof spawn);
    const { result } = await runAgent('sleep', ['600'], { ...here.options, execa: { timeout: 100 } });
    const { signal, failure, end } = await result;
    const words = 'Command timed out after 100 milliseconds: sleep 600\nTimed out';
    assert.deepEqual([signal, failure, end.state], ['SIGTERM', words, 'removed']);
    here.nothingLeft();
  });

  test('by SIGKILL after the grace period where it ignores the rest', async (t) => {
    const here = scene(t);
    const script = fixture('ignore-ending-signals.mjs');
    const run = await runAgent(process.execPath, [script], { ...here.options, grace: '300ms' });
    let said = '';
    run.subprocess.stdout?.on('data', (text) => {
      said += text;
    });
    await waitUntil('it is ready', () => said.includes('ready'));
    const age = process.uptime();
    const { uptime } = process; // the grace period begins once it has heard
    t.mock.method(process, 'uptime', () => (said.includes('ignored') ? uptime() : age));
    const { signal, stdout, end } = await run.stop();
    assert.deepEqual([signal, end.state], ['SIGKILL', 'removed']);
    assert.match(String(stdout), /ignored SIGTERM/);
    here.nothingLeft();
  });

  test('and no other: two in parallel share nothing', async (t) => {
    const here = scene(t);
    const [first, second] = await Promise.all([family(here), family(here)]);
    assert.notEqual(first.run.session.id, second.run.session.id);
    await first.run.stop();
    assert.ok(!first.pids.some(isAlive) && !existsSync(first.run.session.dir));
    assert.deepEqual(second.pids.filter(isAlive), second.pids);
    assert.deepEqual(here.box.left(), [second.run.session.id]);
    await second.run.stop();
    here.nothingLeft();
  });
});
