// The table of mounts is read once a call, however many roots were noted: on a machine with many mounts each read takes its time.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { examineRoots } from '#src/doctor/roots.js';
import { registeredRoots, registerRoot } from '#src/root/registry.js';
import { existingRoots, safeRoots, unseenRoots } from '#src/root/roots.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { servedMount } from '../helpers/served-mount.js';

/** So many roots were noted, and are there. */
function readsWith(t: TestContext, count: number, act: (env: NodeJS.ProcessEnv, noted: string[]) => unknown) {
  const { dir, env } = sandbox(t);
  const long = 'x'.repeat(200); // longer, in all, than what is let alone
  const noted = Array.from({ length: count }, (_, at) => join(dir, `${long}${at}`));
  for (const path of noted) mkdirSync(path, { mode: 0o700 });
  put(join(dir, 's/qw-run/roots'), noted.map((path) => `${path}\n`).join(''));
  const { reads } = servedMount(t, join(dir, 'far'));
  act(env, noted);
  return reads();
}

for (const [what, act] of [
  ['existing roots', (env) => existingRoots(env, undefined)],
  ['safe roots', (_env, noted) => safeRoots(noted)],
  ['unseen roots', (env) => unseenRoots(env, undefined)],
  ['examined roots', (env) => examineRoots(env, undefined)],
  ['to note one', (env) => registerRoot('/new', env)],
] as [string, (env: NodeJS.ProcessEnv, noted: string[]) => unknown][])
  test(`${what}: as often with two hundred that were noted as with one`, (t) => {
    assert.ok(readsWith(t, 200, act) <= Math.max(readsWith(t, 1, act), 1));
  });

test('what was noted can be read and added to, whatever the umask', (t) => {
  const { env } = sandbox(t);
  const mask = process.umask(0o777);
  t.after(() => process.umask(mask));
  registerRoot('/one', env);
  registerRoot('/two', env);
  assert.deepEqual(registeredRoots(env), ['/one', '/two']);
});
