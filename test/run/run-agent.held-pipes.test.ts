// A daemon that is never ended may have the agent's pipes for good: what the agent said is told whole, and nobody waits.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type RunAgentOptions, runAgent } from 'qw-run';
import { isAlive } from '../helpers/processes.js';
import { makeProgram } from '../helpers/programs.js';
import { killed } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

let count = 0;

/** Runs `script` beside an `adb` that has stdout and stderr open for good. */
async function beside(here: Scene, script: string, options: RunAgentOptions = {}, busy = '') {
  const { run, adbRuns } = await begin(here, script, options, busy);
  return { run, adb: await adbRuns() };
}

/** The same, before anything is awaited. */
async function begin(here: Scene, script: string, options: RunAgentOptions, busy = '') {
  const adb = makeProgram(here, 'adb', `${busy}\nwhile :; do sleep 600; done`);
  const file = join(here.box.dir, `adb.${++count}`);
  const start = `setsid "${adb}" & echo $! > "${file}.new"; mv "${file}.new" "${file}"; ${script}`;
  const run = await runAgent('sh', ['-c', start], { ...here.options, ...options });
  const adbRuns = () => waitUntil('adb runs', () => Number(read(file)));
  return { run, adbRuns };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('beside a daemon that keeps the pipes', { concurrency: 2 }, () => {
  test('result settles, with all that the agent wrote', async (t) => {
    const here = scene(t);
    const script = 'head -c 3000000 /dev/zero | tr "\\0" x; echo end; echo err >&2; exit 3';
    for (const execa of [{}, { all: true }, { encoding: 'buffer' }] as const) {
      const { run, adb } = await beside(here, script, { execa });
      const { exitCode, failure, stdout, stderr } = await run.result;
      const text = Buffer.from(stdout as string).toString();
      assert.equal(text.trimEnd().length, 3_000_003);
      assert.ok(text.trimEnd().endsWith('xend'));
      assert.equal(
        Buffer.from(stderr as string)
          .toString()
          .trim(),
        'err',
      );
      assert.deepEqual([exitCode, /exit code 3/.test(failure ?? '')], [3, true]);
      assert.ok(isAlive(adb));
      for (const pid of here.processes()) await killed(pid);
    }
  });

  test('so it does after exit status 0, without a failure', async (t) => {
    const here = scene(t);
    const { run } = await beside(here, 'echo all');
    const { exitCode, failure, stdout } = await run.result;
    assert.deepEqual([exitCode, failure, stdout], [0, undefined, 'all']);
    for (const pid of here.processes()) await killed(pid);
  });

  test('stop() settles, and so it does where the daemon goes on writing', async (t) => {
    const here = scene(t);
    const { run, adb } = await beside(
      here,
      'exec sleep 600',
      {},
      '(while :; do echo x; done) & (while :; do echo y >&2; done) &',
    );
    const { signal, end } = await run.stop();
    assert.equal(signal, 'SIGTERM');
    assert.ok(end.state !== 'failed' && isAlive(adb));
    for (const pid of here.processes()) await killed(pid);
  });

  test('who reads slowly gets all of it', async (t) => {
    const here = scene(t);
    const { run, adbRuns } = await begin(here, 'head -c 2000000 /dev/zero', { execa: { buffer: false } });
    let bytes = 0;
    for await (const chunk of run.subprocess.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(bytes, 2_000_000);
    await Promise.all([run.result, adbRuns()]);
    for (const pid of here.processes()) await killed(pid);
  });
});
