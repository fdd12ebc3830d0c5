// How long a helper lives: as long as somebody asks it, or wants it to stay.
import assert from 'node:assert/strict';
import programs from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHelpers } from '#src/helper/helpers.js';
import { resolveList } from '#src/reap/list-sessions.js';
import { helpersOf } from '../helpers/helper-process.js';
import { repoRoot } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { sandbox } from '../helpers/sandbox.js';
import { waitUntil } from '../helpers/wait-until.js';

const file = join(repoRoot, 'dist/bin/qw-helper.cjs');
const noneIsLeft = () => waitUntil('there is none', () => helpersOf(process.pid).length === 0);

test('it ends once nobody asks it, and not while it is kept', async (t) => {
  const { env } = sandbox(t);
  const helpers = createHelpers({ file, idleMs: 1 });
  const ask = () => helpers.ask('list', resolveList({ env }), { deadlineMs: 60_000 });
  await ask();
  await noneIsLeft();
  const letGo = helpers.keep();
  const [kept] = helpersOf(process.pid);
  await ask();
  await ask();
  assert.deepEqual(helpersOf(process.pid), [kept]);
  letGo();
  letGo(); // once is enough
  await noneIsLeft();
  const others = [helpers.keep(), helpers.keep()];
  others[0]?.();
  await ask();
  assert.equal(helpersOf(process.pid).length, 1, 'the other one wants it');
  others[1]?.();
  await noneIsLeft();
});

test('requests of a kind are answered one after the other, each by itself', async (t) => {
  const { env, cwd } = sandbox(t);
  const helpers = createHelpers({ file, idleMs: 1 });
  const ask = (root?: string) =>
    helpers.ask('list', { ...resolveList({ env }), root }, { deadlineMs: 60_000 }).then(
      () => 'a list',
      ({ code }) => code,
    );
  assert.deepEqual(await Promise.all([ask(), ask(cwd), ask()]), ['a list', 'ERR_QW_ROOT_UNSAFE', 'a list']);
  await noneIsLeft();
});

test('one that cannot be started is told, and tried again', async (t) => {
  const { env } = sandbox(t);
  const { spawn } = programs;
  const spawnBy = (by: typeof spawn) => {
    programs.spawn = by;
    syncBuiltinESMExports();
  };
  t.after(() => spawnBy(spawn));
  const helpers = createHelpers({ file, idleMs: 1 });
  const ask = () => helpers.ask('list', resolveList({ env }), { deadlineMs: 60_000 });
  spawnBy(() => {
    throw Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' });
  });
  helpers.keep();
  await assert.rejects(ask(), { code: 'ERR_QW_HELPER', message: /cannot be started/ });
  spawnBy(spawn);
  assert.ok(await ask());
  const [pid = 0] = helpersOf(process.pid);
  kill(pid, 'SIGKILL');
  await waitUntil('it is gone', () => !isAlive(pid));
});
