// When the watchdog's shell looks again: the script that is delivered, with a `node` and a `sleep` of our own that keep a record.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { qwRun } from '../helpers/paths.js';
import { sandbox } from '../helpers/sandbox.js';

const WATCHDOG = join(dirname(qwRun), 'qw-watchdog.sh');

/** Runs the script as if its owner had died; `node` is what each look does, `$n` its number. Gives what was called. */
async function record(t: Parameters<typeof sandbox>[0], node: string): Promise<string[]> {
  const { dir } = sandbox(t);
  const log = join(dir, 'log');
  const tool = (name: string, script: string) => {
    writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return join(dir, 'bin', name);
  };
  mkdirSync(join(dir, 'bin'));
  writeFileSync(log, '');
  tool('sleep', `echo "sleep $1" >>"${log}"`);
  const args = [
    WATCHDOG,
    tool('node', `echo look >>"${log}"; n=$(grep -c look "${log}")\n${node}`),
    'bundle',
    '1:2:3',
    '.lock-1-2-3',
  ];
  const env = { PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
  const shell = spawn('/bin/sh', args, { env, stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  shell.stdio[3]?.destroy();
  shell.stdout?.resume();
  await once(shell, 'close'); // of its output, which the part in the background has too
  return readFileSync(log, 'utf8').trim().split('\n');
}

const times = <T>(count: number, ...what: T[]): T[] => Array.from({ length: count }, () => what).flat();

describe('the watchdog', { concurrency: true }, () => {
  test('leaves after a look that found nothing', async (t) => {
    assert.deepEqual(await record(t, 'exit 0'), ['look']);
  });

  test('looks every 2 s for half a minute and every 30 s then, for as long as something is in use', async (t) => {
    assert.deepEqual(await record(t, '[ $n -lt 40 ] && exit 3; exit 0'), [
      ...times(14, 'look', 'sleep 2'),
      ...times(25, 'look', 'sleep 30'),
      'look',
    ]);
  });

  for (const [how, script] of [
    ['is killed', 'kill -9 $$'],
    ['fails', 'exit 1'],
    ['cannot be run', 'exit 126'],
  ])
    test(`looks again where a look ${how}`, async (t) => {
      assert.deepEqual(await record(t, `[ $n = 1 ] && ${script}; exit 0`), ['look', 'sleep 2', 'look']);
    });

  test('gives up after fifteen failures in a row', async (t) => {
    assert.deepEqual(await record(t, '[ $n = 10 ] && exit 3; exit 1'), [
      ...times(14, 'look', 'sleep 2'),
      ...times(10, 'look', 'sleep 30'),
      'look',
    ]);
  });
});
