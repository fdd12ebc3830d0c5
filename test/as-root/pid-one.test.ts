// qw-run as the first process of a pid namespace, as in a container: it cannot die of its own signals and inherits all orphans.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture, qwRun } from '../helpers/paths.js';
import { asPid1, noPidNamespace } from '../helpers/pid-one.js';
import { kill } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { ids, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';
const skip = noPidNamespace();

describe('the exit status of pid 1', { concurrency: 2 }, () => {
  const table: [script: string, status: number][] = [
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -HUP $$', 129],
    ['kill -INT $$', 130],
    ['ulimit -c 0; kill -QUIT $$', 131],
    ['kill -KILL $$', 137],
    ['kill -USR1 $$', 138],
    ['kill -TERM $$', 143],
  ];
  for (const [script, status] of table) {
    test(`is ${status} after ${script}`, { skip }, async (t) => {
      const here = scene(t);
      const { code, signal, stderr } = await asPid1(here, qwRun, ['sh', '-c', script]).done;
      assert.deepEqual([code, signal, stderr], [status, null, '']);
      here.nothingLeft();
    });
  }
  for (const [what, args, status] of [
    ['an unknown option', ['--no-such-option', 'true'], 125],
    ['a directory', ['/'], 126],
    ['a missing command', ['no-such-command'], 127],
  ] as const) {
    test(`is ${status} for ${what}`, { skip }, async (t) => {
      const here = scene(t);
      assert.equal((await asPid1(here, qwRun, [...args]).done).code, status);
      here.nothingLeft();
    });
  }
});

test('orphans become children of pid 1: they are ended and named, also where they resist', {
  skip,
}, async (t) => {
  const here = scene(t);
  const orphans = `sh -c 'setsid sleep 600 &'; ${quoted(process.execPath, fixture('ignore-ending-signals.mjs'))} &`;
  const script = `${orphans} until [ -e "$TMPDIR/go" ]; do sleep 0.05; done; exit 3`;
  const session = asPid1(here, qwRun, ['--grace', '1s', '--', 'sh', '-c', script]);
  await session.says(/ready \d+/);
  put(join(here.box.root, ids(here.box)[0] ?? '', 'tmp/go'));
  const { code, stderr } = await session.done;
  assert.equal(code, 3);
  assert.match(stderr, /^qw-run: ended 2 left running: [^\n]*sleep[^\n]*\n$/);
  here.nothingLeft();
});

test("an orphan that ended long ago is a zombie of pid 1 and in nobody's way", { skip }, async (t) => {
  const here = scene(t);
  const script = `sh -c 'setsid sleep 0 & setsid sh -c : &'; timeout 60 sh -c "$ZOMBIES" || exit 9; exit 4`;
  here.options.env['ZOMBIES'] =
    'until [ $(grep -ls "^State:.Z" /proc/[0-9]*/status | wc -l) = 2 ]; do sleep 0.05; done';
  const { code, stderr } = await asPid1(here, qwRun, ['sh', '-c', script]).done;
  assert.deepEqual([code, stderr], [4, '']);
  here.nothingLeft();
});

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const) {
  test(`${signal} from outside is forwarded and ends pid 1 with ${status}`, { skip }, async (t) => {
    const here = scene(t);
    const session = asPid1(here, qwRun, ['sh', '-c', AGENT]);
    await session.says(/ready/);
    kill(session.wrapper(), signal);
    const { code, signal: by } = await session.done;
    assert.deepEqual([code, by], [status, null]);
    here.nothingLeft();
  });
}

test('an agent that handles SIGTERM decides the status, one that ignores it is killed', {
  skip,
}, async (t) => {
  const here = scene(t);
  for (const [name, status] of [
    ['tell-signals.mjs', 0],
    ['ignore-ending-signals.mjs', 137],
  ] as const) {
    const session = asPid1(here, qwRun, ['--grace', '1s', '--', process.execPath, fixture(name)]);
    await session.says(/ready/);
    kill(session.wrapper(), 'SIGTERM');
    const { code, stdout } = await session.done;
    assert.equal(code, status);
    assert.match(stdout, /SIGTERM/);
    here.nothingLeft();
  }
});
