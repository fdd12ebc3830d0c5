// Helpers of the machine, the real ones, started inside a session: one that is reached in T alone serves nobody else and ends with the
// session; one that is reached elsewhere lives on. Three times in a row nothing piles up.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { argsOf, beside, daemonScene, heldBy, likeThis, missing, named } from '../helpers/belongs.js';
import { agentThat, CODE, killAfter } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { waitUntil } from '../helpers/wait-until.js';

const READY = 'echo "ready $$ "';
const GNUPG = 'mkdir -m 700 "$TMPDIR/g"; export GNUPGHOME="$TMPDIR/g"';

describe('with its only door in T it is ended with the session:', { concurrency: 2 }, () => {
  for (const [name, script] of [
    ['watchman', 'mkdir ~/p; watchman watch ~/p >/dev/null'],
    ['dirmngr', `${GNUPG}; dirmngr --daemon >/dev/null 2>&1`],
  ] as const)
    test(name, { skip: missing(name) }, async (t) => {
      const here = daemonScene(t);
      for (const _ of [1, 2, 3]) {
        const { leave } = await agentThat(here, [], `rmdir ~/p 2>/dev/null; ${script}; ${READY}`);
        const pids = await likeThis(here, new RegExp(`^${name}`));
        const { code, stderr } = await leave();
        assert.equal(code, CODE);
        assert.deepEqual(pids.filter(isAlive), [], stderr);
        here.nothingLeft();
      }
    });
});

test('gpg-agent with its home in T is not signalled: T goes, and then it goes', {
  skip: missing('gpg-agent', 'gpg-connect-agent'),
}, async (t) => {
  const here = daemonScene(t);
  const log = join(here.box.dir, 'home/log');
  for (const _ of [1, 2, 3]) {
    const start = 'gpg-agent --daemon --log-file ~/log >/dev/null 2>&1';
    const pidOf = "gpg-connect-agent 'getinfo pid' /bye | sed -n 's/^D //p'";
    const { pid, leave } = await agentThat(here, [], `${GNUPG}; ${start}; echo "ready $(${pidOf}) "`);
    assert.match(argsOf(pid), /^gpg-agent/);
    killAfter(t, pid);
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.deepEqual(here.box.left(), [], stderr);
    await waitUntil('it ends itself', () => !isAlive(pid));
    here.nothingLeft();
  }
  assert.doesNotMatch(readFileSync(log, 'utf8'), /SIG(TERM|HUP|INT)/);
});

test('sccache, reached at a port, lives on and T goes', { skip: missing('sccache') }, async (t) => {
  const here = daemonScene(t);
  here.options.env['SCCACHE_SERVER_PORT'] = `${await freePort()}`;
  const { leave } = await agentThat(here, [], `sccache --start-server >/dev/null 2>&1; ${READY}`);
  const pids = await likeThis(here, /sccache$/);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(pids.every(isAlive), stderr);
  assert.deepEqual(here.box.left(), []);
  beside(here, 'sccache', ['--stop-server']);
  await here.nothingLeftSoon();
});

test('adb, reached at a port, lives on; its log in T holds that, told', {
  skip: missing('adb'),
}, async (t) => {
  const here = daemonScene(t);
  here.options.env['ANDROID_ADB_SERVER_PORT'] = `${await freePort()}`;
  const { id, leave } = await agentThat(here, [], `adb start-server >/dev/null 2>&1; ${READY}`);
  const [pid = 0] = await likeThis(here, /^adb .*fork-server/);
  const log = join(here.box.root, id, 'tmp', `adb.${process.getuid?.()}.log`);
  assert.ok(existsSync(log));
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(pid), stderr);
  assert.ok(existsSync(log));
  named(stderr, pid);
  await heldBy(here, id, pid);
  beside(here, 'adb', ['kill-server']);
  await here.nothingLeftSoon();
});

/** A port that nobody listens at. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
