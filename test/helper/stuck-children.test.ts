// A program that takes no processor time for long counts as hung, one that works or waits for who works does not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { watchChildren } from '#src/helper/stuck-children.js';
import { askers, askMounts } from '#src/process/ask-mounts.js';
import { childrenOf } from '../helpers/cli.js';
import { sandbox } from '../helpers/sandbox.js';
import { servedMount } from '../helpers/served-mount.js';
import { waitUntil } from '../helpers/wait-until.js';

test('what waits for one that works is well; what only waits is not', async (t) => {
  let now = 0;
  const look = watchChildren(() => now);
  const busy = spawn('sh', ['-c', 'while :; do :; done & echo ready; wait'], { detached: true });
  t.after(async () => {
    process.kill(-(busy.pid as number), 'SIGKILL');
    await once(busy, 'exit');
  });
  await once(busy.stdout, 'data');
  const [loop = 0] = childrenOf(busy.pid as number);
  const lookOnceItWorked = async () => {
    const before = ticksOf(loop);
    await waitUntil('it has worked', () => ticksOf(loop) > before);
    now += 1_500;
    return look(1_000);
  };
  const none = [await lookOnceItWorked(), await lookOnceItWorked(), await lookOnceItWorked()];
  assert.deepEqual(none, [undefined, undefined, undefined]);
  const idle = spawn('sleep', ['600']);
  const ended = once(idle, 'exit');
  const told = await waitUntil('somebody is told', lookOnceItWorked);
  assert.match(told, new RegExp(`^sleep \\(pid ${idle.pid}\\) hangs`));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

/** Processor time in user mode, field 14 of proc_pid_stat(5). */
const ticksOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[11]);

test('what was seen before a pause is forgotten: no request ran', async (t) => {
  let now = 0;
  const look = watchChildren(() => now);
  const idle = spawn('sleep', ['600']);
  t.after(async () => {
    idle.kill('SIGKILL');
    await once(idle, 'exit');
  });
  await once(idle, 'spawn');
  const said = (from: number, to: number) => {
    const words = [];
    for (now = from; now < to; now += 1_000) words.push(look(5_000));
    return words.filter((one) => one !== undefined);
  };
  assert.deepEqual([said(0, 4_000), said(3_600_000, 3_605_000)], [[], []]);
  assert.match(said(3_605_000, 3_606_000).join(), /^sleep/);
});

test('what asks a mount is none that anybody waits for', async (t) => {
  const { dir } = sandbox(t);
  servedMount(t, dir);
  let now = 0;
  const look = watchChildren(() => now);
  const asked = askMounts([dir]);
  const [asker = 0] = askers;
  assert.ok(asker > 0);
  process.kill(asker, 'SIGSTOP'); // it hangs
  const words = [];
  for (; now < 60_000; now += 1_000) words.push(look(5_000));
  assert.deepEqual([...new Set(words)], [undefined]);
  process.kill(asker, 'SIGCONT');
  await asked; // on a slow machine it was not waited for so long
  await waitUntil('it is back', () => askers.size === 0);
});
