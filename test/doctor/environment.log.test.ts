// qw-tmp doctor names the log of receipts with its size, and says where none are written; its command mends that.
import assert from 'node:assert/strict';
import { rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { diagnose } from '../helpers/diagnosed.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { logOf } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';

test('the log, its size, and one that is a link', async (t) => {
  const here = scene(t);
  await run(qwRun, ['true'], here.options);
  const file = logOf(here);
  const { diagnosis, told } = await diagnose(here.options);
  assert.deepEqual(diagnosis.environment.log, { file, bytes: statSync(file).size, isOn: true, error: null });
  assert.deepEqual(told, []);
  const { stdout } = await run(qwTmp, ['doctor'], here.options);
  assert.ok(stdout.includes(`${file}, `), stdout);
  rmSync(file);
  symlinkSync(join(here.box.dir, 'precious'), file);
  const linked = await diagnose(here.options);
  assert.deepEqual(linked.told, [`warning log ${file}`]);
  assert.equal(linked.command('log'), `mv ${file} ~/`);
});

test('QW_LOG=off is shown', async (t) => {
  const here = scene(t);
  const { stdout } = await run(qwTmp, ['doctor'], {
    ...here.options,
    env: { ...here.options.env, QW_LOG: 'off' },
  });
  assert.match(stdout, /^ +log .*, off$/m);
});
