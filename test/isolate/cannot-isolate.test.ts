// An explicit wish that cannot be met is an error that says what is missing, never a weaker session; nothing is left of the try.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSession } from '#src/index.js';
import { run } from '../helpers/cli.js';
import { noIsolation, withBwrap } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { useStandIns } from '../helpers/stand-ins.js';

const says = (text: string): string => `echo '${text}' >&2; exit 1`;

test('a bubblewrap that fails is quoted', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await run(qwRun, ['--isolate', 'tmp', '/bin/echo', 'ran'], {
    ...here.options,
    env: withBwrap(here, says('bwrap: no luck today')),
  });
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /^qw-run: no isolation here: no luck today; .*leave out --isolate\n$/);
  here.nothingLeft();
});

test('a bubblewrap that is setuid', {
  skip: process.getuid?.() === 0 && 'root needs no bit for it',
}, async (t) => {
  const here = scene(t);
  const env = withBwrap(here, 'echo 1');
  chmodSync(join(here.box.dir, 'bin/bwrap'), 0o4755);
  const { code, stderr } = await run(qwRun, ['--isolate', 'tmp', '/bin/echo', 'ran'], {
    ...here.options,
    env,
  });
  assert.equal(code, 125);
  assert.match(stderr, /^qw-run: no isolation here: bwrap is setuid here, .*; sudo chmod u-s /);
  here.nothingLeft();
});

test('a bubblewrap that does not answer is given up, whatever it says and whoever has its pipes', async (t) => {
  const here = scene(t);
  const env = withBwrap(here, 'echo wait >&2; echo hello; sleep 600 & exec sleep 600');
  const { code, stderr } = await run(qwRun, ['--isolate', 'tmpfs', '/bin/echo', 'ran'], {
    ...here.options,
    env,
  });
  assert.equal(code, 125);
  assert.match(stderr, /^qw-run: no isolation here: bwrap did not answer within 10 s; /);
  await here.nothingLeftSoon();
});

test('the library rejects with ERR_QW_ISOLATION', async (t) => {
  const here = scene(t);
  withBwrap(here, says('bwrap: no'));
  useStandIns(t, join(here.box.dir, 'bin'));
  await assert.rejects(openSession({ env: here.box.env, isolate: 'tmpfs' }), { code: 'ERR_QW_ISOLATION' });
  here.nothingLeft();
});

test('no bubblewrap, no nsenter, or no cp for what is to be kept', { skip: noIsolation() }, async (t) => {
  for (const [tool, told] of [
    ['bwrap', 'bubblewrap (bwrap) is not installed'],
    ['nsenter', 'nsenter is not there'],
    ['cp', '--keep of what is in memory needs cp of coreutils'],
  ] as const) {
    const here = scene(t);
    // A device in its place is nothing that can be executed.
    const hidden = ['/usr/bin', '/bin'].map((dir) => join(dir, tool)).filter((path) => existsSync(path));
    const hide = hidden.flatMap((path) => ['--bind', '/dev/null', path]);
    const { status, stdout, stderr } = spawnSync(
      'bwrap',
      [
        '--dev-bind',
        '/',
        '/',
        ...hide,
        process.execPath,
        qwRun,
        '--isolate',
        'tmpfs',
        '--keep',
        'echo',
        'ran',
      ],
      { ...here.options, env: { ...here.options.env, PATH: '/usr/bin:/bin' }, encoding: 'utf8' },
    );
    assert.deepEqual([status, stdout], [125, '']);
    assert.ok(stderr.startsWith(`qw-run: no isolation here: ${told}; install `), stderr);
    here.nothingLeft();
  }
});
