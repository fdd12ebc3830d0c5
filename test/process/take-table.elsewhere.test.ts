// What other programs have open elsewhere is none of our business: it is not even asked about. On a network's file system a stat of what
// somebody else removed fails (ESTALE), or never comes back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { takeTable } from '#src/process/take-table.js';
import { forge } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const skip = process.platform !== 'linux' && 'there is no procfs';

for (const [where, isAsked] of [
  ['elsewhere', false],
  ['in a session', true],
] as const)
  test(`a working directory ${where} that was removed, and fails`, { skip }, async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'held0001');
    const cwd = join(isAsked ? tmpdir : here.box.dir, 'gone');
    mkdirSync(cwd);
    const { pid = 0 } = spawn('sleep', ['600'], { env: here.options.env, cwd, stdio: 'ignore' });
    rmdirSync(cwd);
    const real = fs.statSync as (...args: unknown[]) => unknown;
    let asked = 0;
    t.mock.method(fs, 'statSync', ((path: unknown, ...rest: unknown[]) => {
      if (path !== `/proc/${pid}/cwd`) return real(path, ...rest);
      asked += 1;
      throw Object.assign(new Error('stale'), { code: 'ESTALE' });
    }) as never);
    const { processes } = await takeTable({ roots: [here.box.root] });
    const holds = processes.get(pid)?.holds.map(({ what }) => what);
    // In doubt it is in use.
    assert.deepEqual([asked > 0, holds], isAsked ? [true, ['cwd']] : [false, []]);
  });
