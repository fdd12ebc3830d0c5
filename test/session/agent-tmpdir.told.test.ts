// An agent that was given another TMPDIR than the session's is told at once, and no other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawn as spawnInTerminal } from '@lydell/node-pty';
import { removeSession, type Session } from 'qw-run';
import { noIsolation } from '../helpers/isolation.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { opened } from '../helpers/opened.js';
import { killed, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = process.platform !== 'linux' && 'no procfs';

/** Starts and adopts a sleeper with this environment; its pid. */
function sleeper({ options }: Scene, session: Session, env: NodeJS.ProcessEnv): number {
  const { pid = 0 } = spawn('sleep', ['600'], { cwd: options.cwd, env, stdio: 'ignore' });
  session.adopt(pid);
  return pid;
}

test('another TMPDIR, or the server’s own environment, is told with both values', { skip }, async (t) => {
  const here = scene(t);
  const { PATH } = here.options.env;
  const wrong: [env: (session: Session) => NodeJS.ProcessEnv, words: RegExp][] = [
    [(session) => ({ ...session.env(), TMPDIR: '/var/tmp/else' }), /TMPDIR is \/var\/tmp\/else, not /],
    [() => process.env, /^the agent(.s TMPDIR is .*| has no TMPDIR), not /],
    [() => ({ PATH }), /^the agent has no TMPDIR, not /],
  ];
  for (const [env, words] of wrong) {
    const session = await opened(t, here);
    const pid = sleeper(here, session, env(session));
    // Right after the spawn it may be in the last part of its exec still.
    const line = await waitUntil('it is told', () => session.warnings[0]);
    assert.match(line, words);
    assert.ok(line.includes(session.tmpdir) && session.warnings.length === 1, line);
    assert.deepEqual((await session.end()).warnings, [line], 'its report says so');
    await killed(pid);
  }
});

test('an empty environment is told once it is certain', { skip }, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  const pid = sleeper(here, session, {});
  assert.match(await waitUntil('it is told', () => session.warnings[0]), /has no TMPDIR/);
  await session.end();
  await killed(pid);
});

test('one that a launcher sets in a later exec is told within a second, and the report of a kept one says so', {
  skip,
}, async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  const launcher = `until [ -e "$TMPDIR/go" ]; do sleep 0.05; done; exec env TMPDIR=/var/tmp/else sleep 600`;
  const { pid = 0 } = spawn('sh', ['-c', launcher], {
    cwd: here.options.cwd,
    env: session.env(here.options.env),
    stdio: 'ignore',
  });
  session.adopt(pid);
  const since = performance.now();
  assert.deepEqual(session.warnings, []);
  put(join(session.tmpdir, 'go'));
  await waitUntil('it runs', () => nameOf(pid) === 'sleep');
  if (performance.now() - since > 700) return t.skip('this machine is too slow to tell');
  const line = await waitUntil('it is told', () => session.warnings[0]);
  assert.match(line, /TMPDIR is \/var\/tmp\/else, not /);
  const { state, warnings } = await session.end({ keep: true });
  assert.deepEqual([state, warnings], ['kept', [line]]);
  await removeSession(session.id, { env: here.box.env });
  await killed(pid);
});

test('the session’s own is no news: by spawn, in a pseudo-terminal, isolated', { skip }, async (t) => {
  const here = scene(t);
  const plain = await opened(t, here);
  sleeper(here, plain, plain.env(here.options.env));
  const sessions = [plain];
  for (let times = 0; times < 8; times += 1) {
    const session = await opened(t, here, noIsolation() || times % 2 === 0 ? {} : { isolate: 'tmpfs' });
    const { file, args } = session.command('sleep', ['600'], { cwd: here.options.cwd });
    const { pid } = spawnInTerminal(file, args, {
      cwd: here.options.cwd,
      env: session.env(here.options.env),
    });
    session.adopt(pid); // perhaps not at its exec yet
    sessions.push(session);
    await waitUntil('it runs', () => nameOf(pid) === 'sleep');
  }
  for (const session of sessions) {
    assert.deepEqual(session.warnings, []);
    await session.end();
  }
  here.nothingLeft();
});
