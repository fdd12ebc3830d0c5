// The kernel names no path that is longer than a page. Who is so deep in a session uses it all the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fs } from '#src/fs.js';
import { longPath } from '#src/process/long-path.js';
import { takeTable } from '#src/process/take-table.js';
import { missing } from '../helpers/belongs.js';
import { outsider, stranger } from '../helpers/outsider.js';
import { forge, killed, leaseOf, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const skip = (process.platform !== 'linux' && 'no procfs') || missing('python3');

/** In a directory that lies 30 levels below, each with a name of 200 bytes. */
const DEEP = `import os, sys, time
os.chdir(sys.argv[1])
for _ in range(30):
    os.mkdir('d' * 200); os.chdir('d' * 200)
`;
const HOLDS: Record<string, string> = {
  'a working directory': '',
  'a directory': "os.open('.', os.O_RDONLY); os.chdir('/')",
};

describe('T stays while it is in use by a path too long to be named', { concurrency: 2, skip }, () => {
  for (const [what, hold] of Object.entries(HOLDS))
    test(what, async (t) => {
      const here = scene(t);
      const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      const script = `${DEEP}${hold}\nprint('ready', flush=True); time.sleep(600)`;
      const user = await stranger(here, 'python3', ['-c', script, tmpdir]);

      const { kept } = (await reapOnce(here)).report;

      assert.deepEqual(
        kept.map(({ id, state, reason }) => [id, state, reason]),
        [['orphan00', 'held', 'in-use']],
      );
      await killed(user);
      assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
    });

  test('one elsewhere holds nobody', async (t) => {
    let deep = '';
    t.after(() => spawnSync('rm', ['-rf', deep])); // before the scene goes: node removes by path
    const here = scene(t);
    deep = join(here.box.dir, 'deep');
    mkdirSync(deep);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const script = `${DEEP}print('ready', flush=True); time.sleep(600)`;
    const user = await stranger(here, 'python3', ['-c', script, deep]);
    assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
    await killed(user); // before its place goes: looks of others beside this test would not know where it is
  });

  test('one of thousands of levels takes few steps, and its session is told', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'orphan00', { files: [] });
    const script = `${DEEP.replace('range(30)', 'range(5000)').replaceAll("'d' * 200", "'d'")}
print('ready', flush=True); time.sleep(600)`;
    const user = await stranger(here, 'python3', ['-c', script, tmpdir]);
    const real = fs.readFileSync as (...args: unknown[]) => unknown;
    t.mock.method(fs, 'readFileSync', ((path: unknown, ...rest: unknown[]) =>
      path === `/proc/${user}/mountinfo` ? '' : real(path, ...rest)) as never); // no server among them
    const close = t.mock.method(fs, 'closeSync');
    const open = t.mock.method(fs, 'openSync');
    const path = longPath(user, 'cwd');
    const calls = [open, close].map(({ mock }) => mock.callCount());
    await killed(user);
    spawnSync('rm', ['-rf', tmpdir]); // too deep for Node
    assert.ok(path.startsWith(`${tmpdir}/d/d/d/`) && path.endsWith('/d/…'));
    assert.ok(calls[0] === calls[1] && (calls[0] ?? 0) < 200, `${calls}`);
  });
});

// One after the other: both replace what reads links.
describe('a path too long to be named', { skip }, () => {
  test('one that is closed while its path is looked for holds nobody', async (t) => {
    const here = scene(t);
    const user = await outsider(here, 'file', put(join(here.box.dir, 'file')));
    const real = fs.readlinkSync as (...args: unknown[]) => unknown;
    let looks = 0;
    t.mock.method(fs, 'readlinkSync', ((path: unknown, ...rest: unknown[]) => {
      if (path !== `/proc/${user}/fd/3`) return real(path, ...rest);
      looks += 1;
      throw Object.assign(new Error('gone'), { code: looks === 1 ? 'ENAMETOOLONG' : 'ENOENT' });
    }) as never);
    const { isPartial } = await takeTable({ roots: [here.box.root] });
    assert.deepEqual([isPartial, looks > 1], [false, true]);
  });

  // Not for real: it would keep the sessions of all tests that run beside this one.
  test('a file: nothing leads up from it, so it may lie in any session', async (t) => {
    const here = scene(t);
    const user = await outsider(here, 'file', put(join(here.box.dir, 'file')));
    const real = fs.readlinkSync as (...args: unknown[]) => unknown;
    t.mock.method(fs, 'readlinkSync', ((path: unknown, ...rest: unknown[]) => {
      if (path === `/proc/${user}/fd/3`) throw Object.assign(new Error('long'), { code: 'ENAMETOOLONG' });
      return real(path, ...rest);
    }) as never);
    const { isPartial, deepest } = await takeTable({ roots: [here.box.root] });
    assert.deepEqual([isPartial, deepest], [true, `sleep (${user})`]);
  });
});
