// A server that gives up its rights has a helper without them, too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helperOf, helpersOf } from '../helpers/helper-process.js';
import { kill } from '../helpers/processes.js';
import { server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const uidOf = (pid: number) => /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

test('after setuid the next request goes to a process of that user', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
  const here = scene(t);
  const script = `await qw.listSessions();
    process.once('SIGUSR2', async () => {
      process.setgid(65534);
      process.setuid(65534);
      const { sessions } = await qw.listSessions();
      say('as nobody', sessions.length);
    });
    say('as root');
    setInterval(() => {}, 60_000);`;
  const run = server(here, script);
  t.after(() => kill(run.pid, 'SIGKILL'));
  await run.says('as root\n');
  const first = await helperOf(run.pid);
  assert.equal(uidOf(first), '0');
  kill(run.pid, 'SIGUSR2');
  await run.says('as nobody 0\n');
  await waitUntil('the one with more rights is gone', () => !helpersOf(run.pid).includes(first));
  assert.equal(uidOf(await helperOf(run.pid)), '65534');
  assert.equal(run.stderr(), '');
});
