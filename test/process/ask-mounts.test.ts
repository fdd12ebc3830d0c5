// What comes of asking a mount that answers, or that nobody can be sent to. The table of
// mounts is ours: directories of the sandbox count as mounts with a server.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { codeOf } from '#src/fs.js';
import { askForRoots, askMounts } from '#src/process/ask-mounts.js';
import { answerOf, muteOn, unseen } from '#src/root/mute.js';
import { openSession } from '#src/run/open-session.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { servedMount } from '../helpers/served-mount.js';

/** However slow the machine is, a mount that answers gets the time to. */
function patient(t: TestContext): void {
  const { setTimeout: real } = globalThis;
  const longer = (act: () => void, ms: number, ...rest: []) =>
    real(act, ms === 3_000 ? 600_000 : ms, ...rest);
  t.mock.method(globalThis, 'setTimeout', longer as typeof setTimeout);
}

test('one that answers is known to, also by a directory that is not there', async (t) => {
  patient(t);
  const { dir } = sandbox(t);
  for (const [name, path] of [
    ['full', 'full'],
    ['other', 'other/missing'],
  ] as const) {
    mkdirSync(join(dir, name, 'in'), { recursive: true });
    const { mount } = servedMount(t, join(dir, name));
    await askMounts([join(dir, path)]);
    assert.equal(answerOf(mount)?.isThere, true, path);
  }
});

test('one that nobody could be sent to is passed over, with other words and no advice', async (t) => {
  const { dir } = sandbox(t);
  const { mount, mounts } = servedMount(t, dir);
  const free = useUpDescriptors(t);
  await askMounts([dir]);
  free();
  assert.deepEqual([answerOf(mount)?.isThere, muteOn(dir, mounts)], [undefined, mount]);
  const { reason, hint } = unseen(dir, mount);
  assert.match(reason, /could not be asked/);
  assert.equal(hint, '');
});

for (const how of ['named', 'QW_ROOT', 'a candidate'] as const)
  test(`opening a session asks its root (${how}), not one that was only noted`, async (t) => {
    patient(t);
    const { dir, env: bare } = sandbox(t);
    for (const name of ['far', 'own']) mkdirSync(join(dir, name), { mode: 0o700 });
    const noted = join(dir, 'far/qw');
    const root = join(dir, 'own/r');
    const { QW_ROOT: _other, ...rest } = bare;
    const env = {
      ...rest,
      ...(how === 'QW_ROOT' ? { QW_ROOT: root } : {}),
      ...(how === 'a candidate' ? { TMPDIR: join(dir, 'own') } : {}),
      XDG_STATE_HOME: join(dir, 's'),
    };
    put(join(dir, 's/qw-run/roots'), `${noted}\n`);
    const far = servedMount(t, join(dir, 'far'));
    const own = servedMount(t, join(dir, 'own'));
    const session = await openSession({ env, watchdog: false, ...(how === 'named' ? { root } : {}) });
    assert.ok(session.dir.startsWith(join(dir, 'own/')), session.dir);
    await session.end();
    assert.deepEqual([answerOf(far.mount), answerOf(own.mount)?.isThere], [undefined, true]);
    await askForRoots(env);
    assert.equal(answerOf(far.mount)?.isThere, true);
  });

/** Gives a function that frees them. */
function useUpDescriptors(t: TestContext): () => void {
  const limit = (soft: string) =>
    assert.equal(spawnSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${soft}:`]).status, 0);
  limit('256');
  const taken: number[] = [];
  const free = () => {
    for (const fd of taken.splice(0)) closeSync(fd);
  };
  t.after(free);
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.equal(codeOf(error), 'EMFILE');
  }
  closeSync(taken.pop() as number); // one for the table of mounts: a child takes more
  return free;
}
