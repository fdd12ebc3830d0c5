// What a FUSE file system refuses is told for what it is, with no command where none helps: a file that somebody still has open when
// it is removed gets another name there and goes when it is closed; an error of the server's.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FuseServer, fuseServers, noFuse } from '../helpers/hung.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';
import { type Forged, forge, leaseOf, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { OTHER } from '../helpers/users.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

interface Stage {
  here: Scene;
  server: FuseServer;
  orphan: Forged;
}

/** An orphan in a root on a FUSE file system. */
async function stage(t: TestContext): Promise<Stage> {
  const serve = fuseServers(t);
  const here = mountScene(t);
  const [source, far] = ['source', 'far'].map((name) => join(here.box.dir, name)) as [string, string];
  mkdirSync(source);
  const server = await serve(source, far);
  here.box.root = join(far, 'r');
  here.options.env['QW_ROOT'] = here.box.root;
  return { here, server, orphan: forge(here.box, 'orphan00', { lease: leaseOf('orphan00') }) };
}

/** A process of another user: nobody sees that it uses the file. */
async function heldByOther(t: TestContext, file: string): Promise<ChildProcess> {
  const fd = openSync(file, 'r');
  const args = [`--reuid=${OTHER}`, '--clear-groups', 'sleep', '600'];
  const child = spawn('setpriv', args, {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: [fd, 'ignore', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  closeSync(fd);
  await waitUntil('it is another user', () =>
    readFileSync(`/proc/${child.pid}/status`, 'utf8').includes(`Uid:\t${OTHER}`),
  );
  return child;
}

test('a file that somebody has open: told as in use, nothing to do, gone once it is closed', {
  skip,
}, async (t) => {
  const { here, orphan } = await stage(t);
  const holder = await heldByOther(t, join(orphan.tmpdir, 'some/file'));
  const { code, report } = await reapOnce(here);
  assert.equal(code, 1);
  assert.deepEqual(report.removed, []);
  for (const { reason, hint } of report.failed) assert.match(`${reason}|${hint}`, /in use\|$/);
  holder.kill('SIGKILL');
  await waitUntil('it is removed', async () => (await reapOnce(here)).code === 0);
  assert.deepEqual(here.box.left(), []);
});

test('an error of the server: told, nothing to do, gone once there is none', { skip }, async (t) => {
  const { here, server } = await stage(t);
  await server.fail('unlink', 5);
  const { code, report } = await reapOnce(here);
  assert.equal(code, 1);
  assert.ok(report.failed.length > 0);
  for (const { reason, hint } of report.failed) assert.match(`${reason}|${hint}`, /EIO\|$/);
  await server.goOn();
  assert.equal((await reapOnce(here)).code, 0);
  assert.deepEqual(here.box.left(), []);
});
