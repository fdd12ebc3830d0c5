// The real ssh and sshd: who carries the session's terminal changed its uid, so that nobody may look into it, is older than the session,
// and uses nothing in T.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { accountScene, NAME, theirs } from '../helpers/accounts.js';
import { missing } from '../helpers/belongs.js';
import { qwExec, qwRun } from '../helpers/paths.js';
import { inPrivateMounts, mount } from '../helpers/private-mounts.js';
import { quoted } from '../helpers/quoted.js';
import { put } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { noUsers } from '../helpers/users.js';

const SSHD = '/usr/sbin/sshd';
const skip = inPrivateMounts(import.meta.url) || noUsers() || missing('ssh', 'ssh-keygen', SSHD);

test('ssh host qw-run true says nothing, 12 times of 12', { skip }, (t) => {
  const here = accountScene(t);
  theirs(here);
  const ssh = host(here);
  const mark = Object.entries(here.options.env).find(([name]) => name === 'TEST_MARK') ?? [];
  const settings = {
    QW_ROOT: here.box.root,
    XDG_STATE_HOME: `${here.box.dir}/s`,
    QW_REAP: 'off',
    QW_LOW: '0',
  };
  const words = [...Object.entries(settings), mark].map(([name, value]) => `${name}='${value}'`).join(' ');
  const said = Array.from({ length: 12 }, () => {
    const { status, stdout, stderr } = ssh(`${words} ${quoted(process.execPath, qwRun)} true`);
    return `${status} ${stdout}${stderr}`;
  });
  assert.deepEqual(said, Array(12).fill('0 '));
  here.nothingLeft();
});

test('ssh -t host qw-exec: the agent has the terminal, and a TMPDIR that goes with it', {
  skip,
}, async (t) => {
  const here = accountScene(t);
  theirs(here);
  const ssh = host(here);
  const { TEST_MARK } = here.options.env;
  const settings = `QW_ROOT='${here.box.root}' XDG_STATE_HOME='${here.box.dir}/s' QW_REAP=off TEST_MARK='${TEST_MARK}'`;
  const path = `PATH=${quoted(dirname(process.execPath))}:$PATH`;
  const { stdout, status } = ssh(
    `${settings} ${path} ${quoted(qwExec)} sh -c 'tty; echo "$TMPDIR"; exit 7'`,
    '-tt',
  );
  const [terminal = '', tmpdir = ''] = stdout.split('\r\n');
  assert.match(terminal, /^\/dev\/pts\/\d+$/);
  assert.equal(dirname(dirname(tmpdir)), here.box.root);
  assert.equal(status, 7);
  await here.nothingLeftSoon();
});

/** A server of the test's own for each connection, without a port; who asks comes in with the scene's key. */
function host({ box, options }: Scene) {
  const at = (name: string) => join(box.dir, name);
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)], options);
  chmodSync(at('user.pub'), 0o644); // the server reads it as the user
  if (!existsSync('/run/sshd')) mount('-t', 'tmpfs', 'tmpfs', '/run');
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = [
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('user.pub')}`,
    'StrictModes no',
    'PidFile none',
  ];
  put(at('sshd_config'), [...server, 'UsePAM no', 'PrintMotd no', 'PrintLastLog no', ''].join('\n'));
  const client = ['BatchMode yes', `IdentityFile ${at('user')}`, 'IdentitiesOnly yes', 'LogLevel ERROR'];
  const known = ['StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'];
  const proxy = `ProxyCommand ${SSHD} -i -f ${at('sshd_config')} 2>/dev/null`;
  put(at('ssh_config'), [...client, ...known, proxy, ''].join('\n'));
  return (command: string, ...more: string[]) =>
    spawnSync('ssh', [...more, '-F', at('ssh_config'), `${NAME}@host`, command], {
      ...options,
      encoding: 'utf8',
    });
}
