// A program that takes no processor time for long counts as hung, one that works or waits for who works does not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { watchChildren } from '#src/helper/stuck-children.js';
import { waitUntil } from '../helpers/wait-until.js';

test('what waits for one that works is well; what only waits is not', async (t) => {
  const look = watchChildren();
  const busy = spawn('sh', ['-c', 'while :; do :; done & echo ready; wait'], { detached: true });
  t.after(() => process.kill(-(busy.pid as number), 'SIGKILL'));
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
