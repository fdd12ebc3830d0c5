// Nothing that goes wrong with us stops the agent: it runs without us, and doctor says why.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { diagnose } from '../helpers/diagnosed.js';
import { command, startOf } from '../helpers/exec.js';
import { qwExec, qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const SAYS = ['sh', '-c', 'echo "<$TMPDIR>"; exit 3'];

describe('the command runs all the same', { concurrency: 2 }, () => {
  test('where no root can be had, and doctor names the reason', async (t) => {
    const here = scene(t);
    const { code, stdout, stderr } = await startOf(here, SAYS, { QW_ROOT: '/proc/x' });
    assert.deepEqual([code, stdout, stderr], [3, '<>\n', '']);
    const { told } = await diagnose(here.options);
    assert.deepEqual(told, ['warning exec-failed qw-exec']);
  });

  test('where there is no node', async (t) => {
    const here = scene(t);
    const bin = join(here.box.dir, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'cat']) symlinkSync(`/bin/${name}`, join(bin, name));
    const bare = await startOf(here, SAYS, { PATH: bin });
    assert.deepEqual([bare.code, bare.stdout, bare.stderr], [3, '<>\n', '']);
    const strict = await startOf(here, SAYS, { PATH: bin, QW_EXEC_STRICT: '1' });
    assert.deepEqual([strict.code, strict.stdout], [125, '']);
    assert.match(strict.stderr, /^qw-exec: .*node.*\n$/);
    here.nothingLeft();
  });

  test('where the state directory cannot be written: there is a session, and no plan', async (t) => {
    const here = scene(t);
    const more = { XDG_STATE_HOME: '/proc/nowhere' };
    for (const _ of [1, 2]) {
      const { isPlanned, code } = await startOf(here, [command(here)], more);
      assert.deepEqual([isPlanned, code], [false, 0]);
    }
    await here.nothingLeftSoon();
  });
});

test('misuse is refused: nobody knows what was meant', async (t) => {
  const here = scene(t);
  for (const args of [['--no-such', 'true'], ['--grace', 'soon', 'true'], ['--label'], []]) {
    const { code, stderr } = await run(qwExec, args, here.options);
    assert.equal(code, 125);
    assert.match(stderr, /^qw-(exec|run): .*\n$/);
  }
  here.nothingLeft();
});

test('qw-run --exec becomes the command, or says that this Node cannot', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await run(
    qwRun,
    ['--exec', '--label', 'x', 'sh', '-c', 'echo $$ $PPID; exit 4'],
    here.options,
  );
  assert.equal(code, 4);
  if ('execve' in process) assert.equal(stderr, '');
  else assert.match(stderr, /^qw-run: --exec: .* cannot become another program; .*\n$/);
  assert.match(stdout, /^\d+ \d+\n$/);
  await here.nothingLeftSoon();
});
