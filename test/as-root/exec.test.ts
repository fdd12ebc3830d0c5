// The launcher on machines that lack something: a root that is full by now, no setsid, nothing that waits for a process; and plans
// that belong to somebody else.
import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { command, planIn, startOf } from '../helpers/exec.js';
import { big, leftIn, small } from '../helpers/full-volume.js';
import { qwExec } from '../helpers/paths.js';
import { inPrivateMounts, mount } from '../helpers/private-mounts.js';
import { killed } from '../helpers/reaping.js';
import { readyPid, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);

test("a plan that is somebody else's is made anew", { skip }, async (t) => {
  const here = scene(t);
  const agent = command(here);
  await startOf(here, [agent]);
  chownSync(planIn(here), 65534, 65534);
  const { isPlanned, code } = await startOf(here, [agent]);
  assert.deepEqual([isPlanned, code], [false, 0]);
  await here.nothingLeftSoon();
});

test('a root that fills up between plan and start: the command runs without a session, nothing is left', {
  skip,
}, async (t) => {
  const { here, dir, root } = small(t, 2);
  const agent = command(here, 'echo "<$TMPDIR>"');
  const nothingLeftThere = () => waitUntil('the watchdog is through', () => leftIn(root).length === 0);
  await startOf(here, [agent]);
  await nothingLeftThere(); // in that root, which is not the scene's own
  big(join(dir, 'big'), 1.9);
  const { stdout, code } = await startOf(here, [agent]);
  assert.deepEqual([stdout, code], ['<>\n', 0]);
  assert.deepEqual(
    readdirSync(root).filter((name) => !name.startsWith('.')),
    [],
  );
  unlinkSync(join(dir, 'big'));
  const after = await startOf(here, [agent]);
  assert.match(after.rest, /^<\/.*\/tmp>\n$/);
  await nothingLeftThere();
  await here.nothingLeftSoon();
});

const PLACES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
/** Nobody can execute it any more. */
const hide = (name: string) => {
  for (const path of PLACES.map((dir) => join(dir, name)))
    if (existsSync(path)) mount('--bind', '/dev/null', path);
};

describe('without', { skip }, () => {
  test('waitpid and pidwait the death is seen all the same, also of one that nobody collects', async (t) => {
    for (const name of ['waitpid', 'pidwait']) hide(name);
    const here = scene(t);
    const parent = start(
      '/bin/sh',
      [
        '-c',
        '"$0" "$1" & exec sleep 600 >/dev/null 2>&1',
        qwExec,
        command(here, 'echo "ready $$ "; exec sleep 600'),
      ],
      here.options,
    );
    const agent = await readyPid(parent.says);
    process.kill(agent, 'SIGKILL');
    await waitUntil('the session is gone', () => here.box.left().length === 0);
    await killed(parent.pid);
    await here.nothingLeftSoon();
  });

  test('setsid we stay beside the command', async (t) => {
    hide('setsid');
    const here = scene(t);
    const { code, stdout } = await startOf(here, ['sh', '-c', 'echo "$TMPDIR"; exit 3']);
    assert.equal(code, 3);
    assert.match(stdout, /\/tmp\n$/);
    here.nothingLeft();
  });
});
