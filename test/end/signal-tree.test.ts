// macOS, Windows and bare containers, as far as they can be had on Linux: without procfs, with ps or without; tree-kill
// never brings us down, and what cannot be seen is kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { hasTool } from '#src/end/signal-tree.js';
import { fixture } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { scene } from '../helpers/scene.js';
import { script, standIns } from '../helpers/stand-ins.js';
import { waitUntil } from '../helpers/wait-until.js';

const NO_PS = spawnSync('ps', ['-p', '1']).error === undefined ? false : 'no ps here';

/** Runs a fixture to its end; it must leave by itself, silent on stderr, with one line of JSON. */
function outcome(t: TestContext, name: string, { procfs, ps = true }: { procfs: boolean; ps?: boolean }) {
  const { box, options, nothingLeft } = scene(t);
  const bin = join(box.dir, 'bin');
  if (!ps) script(bin, 'ps', '');
  const hidden = procfs ? [] : ['--import', fixture('hide-procfs.mjs')];
  const { error, status, signal, stdout, stderr } = spawnSync(process.execPath, [...hidden, fixture(name)], {
    ...options,
    env: { ...options.env, ...(ps ? {} : standIns(bin).env) },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual(
    { error, status, signal, stderr },
    { error: undefined, status: 0, signal: null, stderr: '' },
  );
  return { ...JSON.parse(stdout), nothingLeft };
}

describe('what tree-kill needs', { concurrency: 2 }, () => {
  test('is looked for: ps, on macOS pgrep, on Windows nothing', () => {
    const table: [platform: NodeJS.Platform, there: string, expected: boolean][] = [
      ['linux', 'ps', true],
      ['linux', 'pgrep', false],
      ['linux', '', false],
      ['darwin', 'pgrep', true],
      ['darwin', 'ps', false],
      ['freebsd', 'ps', true],
      ['win32', '', true],
    ];
    for (const [platform, there, expected] of table) {
      const find = (name: string) => (name === there ? `/bin/${name}` : undefined);
      assert.equal(hasTool(platform, find), expected, `${platform} ${there}`);
    }
  });
  test('missing: the process itself is ended, and we live on', (t) => {
    const { signal, sleeper } = outcome(t, 'kill-a-tree.mjs', { procfs: true, ps: false });
    assert.equal(signal, 'SIGKILL');
    kill(sleeper, 'SIGKILL');
  });
  for (const procfs of [true, false]) {
    test(`there: the whole tree is ended, procfs ${procfs ? 'or not' : 'missing'}`, {
      skip: NO_PS,
    }, async (t) => {
      const { signal, sleeper } = outcome(t, 'kill-a-tree.mjs', { procfs });
      assert.equal(signal, 'SIGKILL');
      await waitUntil('the child of the shell is gone', () => !isAlive(sleeper));
    });
  }
});

describe('a session without procfs', { concurrency: 2 }, () => {
  test('is live while its owner is, at any age, and ends with its agent', { skip: NO_PS }, (t) => {
    const { states, state, failed, agent, nothingLeft } = outcome(t, 'session-told-twice.mjs', {
      procfs: false,
    });
    assert.deepEqual({ states, state, failed }, { states: ['live', 'live'], state: 'removed', failed: [] });
    assert.equal(isAlive(agent), false);
    nothingLeft();
  });
  test('and without ps is opened and ended without a fault', (t) => {
    const { states } = outcome(t, 'session-told-twice.mjs', { procfs: false, ps: false });
    assert.notEqual(states[0], 'orphan');
  });
  test('and without ps is never taken for an orphan while its owner lives', (t) => {
    const { states } = outcome(t, 'session-told-twice.mjs', { procfs: false, ps: false });
    assert.notEqual(states[1], 'orphan');
  });
});

test('with procfs, the same session is live as well (the fixture can tell)', (t) => {
  const { states, state, nothingLeft } = outcome(t, 'session-told-twice.mjs', { procfs: true });
  assert.deepEqual({ states, state }, { states: ['live', 'live'], state: 'removed' });
  nothingLeft();
});
