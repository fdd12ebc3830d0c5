// sshfs, as people have it: no daemon and no network, only its server, which is stopped. What works on it while it answers is passed
// over once it does not.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { start } from '../helpers/cli.js';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { ends } from '../helpers/hung.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts, mountsBelow, unmountBelow } from '../helpers/private-mounts.js';
import { forge, leaseOf, openWith, put } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
const skip = inPrivateMounts(import.meta.url) || noSshfs();

function noSshfs(): string | false {
  if (!existsSync('/dev/fuse') || !existsSync(SFTP_SERVER)) return 'no /dev/fuse or no sftp-server';
  return spawnSync('sshfs', ['--version']).status === 0 ? false : 'no sshfs';
}

/** `source` at `point`; `stop` stops the server, and whoever asks hangs. */
async function sshfs(t: TestContext, { box }: EmptyTmp, point: string): Promise<{ stop(): void }> {
  const source = join(box.dir, 'source');
  for (const dir of [source, point]) mkdirSync(dir, { recursive: true });
  // Instead of ssh: the server at the other end itself, which says who it is.
  const ssh = put(join(box.dir, 'ssh'), `#!/bin/sh\necho $$ > ${box.dir}/server\nexec ${SFTP_SERVER}\n`);
  chmodSync(ssh, 0o755);
  const args = ['-f', '-o', `ssh_command=${ssh}`, `none:${source}`, point];
  const client = spawn('sshfs', args, { env: { PATH: process.env['PATH'] }, cwd: '/', stdio: 'ignore' });
  clients.push(client);
  await waitUntil('it is mounted', () => mountsBelow(point).length > 0);
  const said = join(box.dir, 'server');
  const server = await waitUntil('its server', () =>
    existsSync(said) ? Number(readFileSync(said, 'utf8')) : 0,
  );
  t.after(() => process.kill(server, 'SIGKILL'));
  return { stop: () => process.kill(server, 'SIGSTOP') };
}

/** Killed, and unmounted, before anything else of the scene goes. */
function stage(t: TestContext): EmptyTmp {
  let here: EmptyTmp | undefined;
  t.after(async () => {
    for (const client of clients.splice(0)) {
      client.kill('SIGKILL');
      await waitUntil('sshfs is gone', () => client.signalCode !== null || client.exitCode !== null);
    }
    if (here) unmountBelow(here.box.dir);
  });
  here = emptyTmp(t);
  return here;
}
const clients: ChildProcess[] = [];

test('a root on sshfs: used while its server answers, refused and told once it is stopped', {
  skip,
}, async (t) => {
  const here = stage(t);
  const far = join(here.box.dir, 'far');
  const { stop } = await sshfs(t, here, far);
  const root = join(far, 'r');
  const args = ['--root', root, 'sh', '-c', 'echo work > "$TMPDIR/a"; exit 7'];
  const ran = await ends(start(qwRun, args, here.defaults));
  assert.deepEqual([ran.code, ran.stderr], [7, '']);
  stop();
  const refused = await ends(start(qwRun, args, here.defaults));
  assert.equal(refused.code, 125);
  assert.ok(refused.stderr.includes(`umount -fl ${far}`), refused.stderr);
  const { code, stdout } = await ends(start(qwTmp, ['reap', '--json'], here.defaults)); // it was noted
  const { failed } = JSON.parse(stdout) as ReapReport;
  assert.deepEqual([code, failed.map(({ path }) => path)], [1, [root]]);
});

test('sshfs in a TMPDIR, its server stopped: the session stays, the others go', { skip }, async (t) => {
  const here = stage(t);
  forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  const { wrapper, tmpdir } = await openWith(
    here,
    ['--no-watchdog'],
    'echo "ready $$ "; until test -e "$TMPDIR/../go"; do sleep 0.05; done',
  );
  const point = join(tmpdir, 'm');
  const { stop } = await sshfs(t, here, point);
  stop();
  put(join(tmpdir, '../go'));
  const ended = await ends(wrapper);
  assert.deepEqual([ended.code, existsSync(tmpdir)], [0, true]);
  assert.ok(ended.stderr.includes(`umount ${point}`), ended.stderr);
  const { code, stdout } = await ends(start(qwTmp, ['reap', '--json'], here.options));
  const { removed, failed } = JSON.parse(stdout) as ReapReport;
  assert.deepEqual([code, removed.map(({ id }) => id)], [1, ['orphan00']]);
  assert.deepEqual(
    failed.map(({ hint }) => hint),
    [`umount ${point}`],
  );
});
