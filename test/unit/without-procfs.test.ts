// macOS, Windows and bare containers, as far as they can be had on Linux: without procfs, with ps or without; tree-kill
// never brings us down, and what cannot be seen is kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { hasTool } from '#src/end/tree-kill.js';
import { fixture } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const NO_PS = spawnSync('ps', ['-p', '1']).error === undefined ? false : 'no ps here';
const NOWHERE = '/no/such/directory';

/** Runs a fixture to its end; it must leave by itself, silent on stderr, with one line of JSON. */
function outcome(t: TestContext, name: string, { procfs, path }: { procfs: boolean; path?: string }) {
  const { options, nothingLeft } = scene(t);
  const hidden = procfs ? [] : ['--import', fixture('hide-procfs.mjs')];
  const { error, status, signal, stdout, stderr } = spawnSync(process.execPath, [...hidden, fixture(name)], {
    ...options,
    env: { ...options.env, ...(path === undefined ? {} : { PATH: path }) },
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
  test('is looked for in PATH: ps, on macOS pgrep, on Windows nothing', (t) => {
    const { box } = scene(t);
    const [ps, pgrep] = ['ps', 'pgrep'].map((tool) => {
      const dir = join(box.dir, `with-${tool}`);
      mkdirSync(dir);
      writeFileSync(join(dir, tool), '#!/bin/sh\n');
      chmodSync(join(dir, tool), 0o755);
      return dir;
    }) as [string, string];
    const table: [platform: NodeJS.Platform, path: string, expected: boolean][] = [
      ['linux', ps, true],
      ['linux', pgrep, false],
      ['linux', `${NOWHERE}:${ps}`, true],
      ['linux', `::${NOWHERE}:`, false],
      ['linux', '', false],
      ['darwin', pgrep, true],
      ['darwin', ps, false],
      ['freebsd', ps, true],
      ['win32', '', true],
    ];
    for (const [platform, path, expected] of table)
      assert.equal(hasTool(platform, path), expected, `${platform} ${path}`);
  });
  for (const path of [NOWHERE, '']) {
    test(`missing (PATH=${path}): the process itself is ended, and we live on`, (t) => {
      const { signal, sleeper } = outcome(t, 'kill-a-tree.mjs', { procfs: true, path });
      assert.equal(signal, 'SIGKILL');
      kill(sleeper, 'SIGKILL');
    });
  }
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
    const { states } = outcome(t, 'session-told-twice.mjs', { procfs: false, path: NOWHERE });
    assert.notEqual(states[0], 'orphan');
  });
  test('and without ps is never taken for an orphan while its owner lives', (t) => {
    const { states } = outcome(t, 'session-told-twice.mjs', { procfs: false, path: NOWHERE });
    assert.notEqual(states[1], 'orphan');
  });
});

test('with procfs, the same session is live as well (the fixture can tell)', (t) => {
  const { states, state, nothingLeft } = outcome(t, 'session-told-twice.mjs', { procfs: true });
  assert.deepEqual({ states, state }, { states: ['live', 'live'], state: 'removed' });
  nothingLeft();
});
