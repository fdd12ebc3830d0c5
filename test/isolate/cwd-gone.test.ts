// A command can run in a working directory that was removed, but not enter a namespace there: it is told, and nothing is left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

for (const mode of ['tmpfs', 'tmp'])
  test(mode, { skip: noIsolation() }, (t) => {
    const here = scene(t);
    const cwd = join(here.box.dir, 'gone');
    mkdirSync(cwd);
    const script = 'rmdir "$PWD" && exec "$@"';
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', script, 'sh', process.execPath, qwRun, '--isolate', mode, 'echo', 'ran'],
      { ...here.options, cwd, encoding: 'utf8' },
    );
    assert.equal(status, 125);
    assert.equal(stderr, 'qw-run: no isolation here: the working directory was removed; run it in another\n');
    here.nothingLeft();
  });
