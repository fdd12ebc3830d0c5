// An explicit wish that cannot be met is an error that says what is missing, never a weaker session; nothing is left of the try.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { openSession } from 'qw-run';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

/** A PATH that holds node and, where given, a `bwrap` that says this and fails. */
function only({ box, options }: Scene, says?: string): NodeJS.ProcessEnv {
  const bin = join(box.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  if (says !== undefined) {
    writeFileSync(join(bin, 'bwrap'), `#!/bin/sh\necho '${says}' >&2\nexit 1\n`);
    chmodSync(join(bin, 'bwrap'), 0o755);
  }
  return { ...options.env, PATH: bin };
}

test('no bubblewrap', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await run(qwRun, ['--isolate', 'tmpfs', '/bin/echo', 'ran'], {
    ...here.options,
    env: only(here),
  });
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /^qw-run: no isolation here: bubblewrap \(bwrap\) is not installed; install it .*\n$/);
  here.nothingLeft();
});

test('a bubblewrap that fails is quoted', async (t) => {
  const here = scene(t);
  const { code, stderr } = await run(qwRun, ['--isolate', 'tmp', '/bin/echo', 'ran'], {
    ...here.options,
    env: only(here, 'bwrap: no luck today'),
  });
  assert.equal(code, 125);
  assert.match(stderr, /^qw-run: no isolation here: no luck today; .*leave out --isolate\n$/);
  here.nothingLeft();
});

test('the library rejects with ERR_QW_ISOLATION', async (t) => {
  const here = scene(t);
  const { PATH } = process.env;
  process.env['PATH'] = only(here)['PATH'];
  t.after(() => {
    process.env['PATH'] = PATH ?? delimiter;
  });
  await assert.rejects(openSession({ env: here.box.env, isolate: 'tmpfs' }), { code: 'ERR_QW_ISOLATION' });
  here.nothingLeft();
});
