// A program that takes no processor time for long counts as hung, one that works or waits for who works does not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { watchChildren } from '#src/helper/stuck-children.js';
import { askers, askMounts } from '#src/process/ask-mounts.js';
import { sandbox } from '../helpers/sandbox.js';
import { servedMount } from '../helpers/served-mount.js';
import { waitUntil } from '../helpers/wait-until.js';

test('what waits for one that works is well; what only waits is not', async (t) => {
  const look = watchChildren();
  const busy = spawn('sh', ['-c', 'while :; do :; done & echo ready; wait'], { detached: true });
  t.after(async () => {
    process.kill(-(busy.pid as number), 'SIGKILL');
    await once(busy, 'exit');
  });
  await once(busy.stdout, 'data');
  // As long as it takes the machine to give it some time, again and again.
  const none = Array.from({ length: 20 }, () => look(60_000));
  assert.deepEqual([...new Set(none)], [undefined]);
  const idle = spawn('sleep', ['600']);
  const ended = once(idle, 'exit');
  let told: string | undefined;
  await waitUntil('it is told', () => {
    told = look(5_000);
    return told !== undefined;
  });
  assert.match(told ?? '', new RegExp(`^sleep \\(pid ${idle.pid}\\) hangs`));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

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
