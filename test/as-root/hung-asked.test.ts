// Two askers of one mount that hangs: the child that one sent is killed in the end, and that is no answer to the other one either.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { askers, askMounts } from '#src/process/ask-mounts.js';
import { type Mount, readMounts } from '#src/root/mounts.js';
import { answerOf } from '#src/root/mute.js';
import { emptyTmp } from '../helpers/empty-tmp.js';
import { fuseServers, noFuse } from '../helpers/hung.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

test('a child that was killed has not answered, also to who asked while it hung', { skip }, async (t) => {
  const serve = fuseServers(t);
  const { box } = emptyTmp(t);
  const far = join(box.dir, 'far');
  mkdirSync(join(box.dir, 'source'));
  const server = await serve(join(box.dir, 'source'), far);
  const mount = readMounts().find(({ point }) => point === far) as Mount;
  process.kill(server.pid, 'SIGSTOP'); // what it has not read yet can be killed
  const first = askMounts([far]);
  await pause(1_500); // the later one is patient for longer than the child lives
  const second = askMounts([far]);
  await first;
  assert.equal(answerOf(mount)?.isThere, false);
  await second;
  assert.equal(answerOf(mount)?.isThere, false);
  await waitUntil('the child is gone', () => askers.size === 0); // the second one may have been tired of it before
});
