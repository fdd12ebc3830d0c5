// The launcher on machines that lack something: a root that is full by now, no setsid, nothing that waits for a process; and plans
// that belong to somebody else.
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { command, planIn, read, startOf } from '../helpers/exec.js';
import { big, leftIn, small } from '../helpers/full-volume.js';
import { qwExec } from '../helpers/paths.js';
import { inPrivateMounts, mount, unmountBelow } from '../helpers/private-mounts.js';
import { killed } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
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
/** Nobody can execute it while this test runs. */
const hide = (t: TestContext, name: string) => {
  for (const path of new Set(
    PLACES.map((dir) => join(dir, name))
      .filter(existsSync)
      .map((path) => realpathSync(path)),
  )) {
    mount('--bind', '/dev/null', path);
    t.after(() => unmountBelow(path));
  }
};

describe('without', { skip }, () => {
  for (const other of ['pidwait', 'timeout'])
    test(`waitpid and ${other} the death is seen all the same, also of one that nobody collects`, async (t) => {
      for (const name of ['waitpid', other]) hide(t, name);
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
    hide(t, 'setsid');
    const here = scene(t);
    const { code, stdout } = await startOf(here, ['sh', '-c', 'echo "$TMPDIR"; exit 3']);
    assert.equal(code, 3);
    assert.match(stdout, /\/tmp\n$/);
    here.nothingLeft();
  });
});

/** As that of util-linux 2.39, which Debian 12 has not: 0 when the process is gone, 3 when the time is up; it is up at once, once. */
const WAITPID = `#!/usr/bin/python3
import os, select, sys
log = open('@TOLD@', 'a+')
log.seek(0)
isFirst = log.read() == ''
log.write(' '.join(sys.argv[1:]) + '\\n')
log.close()
if isFirst: sys.exit(3)
try: fd = os.pidfd_open(int(sys.argv[-1]))
except ProcessLookupError: sys.exit(0)
sys.exit(0 if select.select([fd], [], [], 600)[0] else 3)
`;

describe('waitpid', { skip }, () => {
  const isReal = PLACES.some((dir) => existsSync(join(dir, 'waitpid')));

  test('sees the death', { skip: !isReal && 'no waitpid(1) here: util-linux 2.39 has it' }, async (t) => {
    hide(t, 'pidwait');
    await diesAndIsGone(scene(t));
  });

  test('in a stand-in sees the death; when its time is up, the lease is touched and it waits again', async (t) => {
    const here = scene(t);
    const told = join(here.box.dir, 'told');
    const bin = join(here.box.dir, 'sbin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'waitpid'), WAITPID.replace('@TOLD@', told), { mode: 0o755 });
    mount('--bind', bin, '/usr/sbin'); // nothing else in there is needed here
    hide(t, 'pidwait');
    t.after(() => unmountBelow('/usr/sbin'));
    const pid = await diesAndIsGone(here, () => existsSync(told) && read(told).split('\n').length > 2);
    assert.equal(read(told), `-e -t 600 ${pid}\n`.repeat(2));
  });
});

/** An agent that is killed once `when` holds; its pid. */
async function diesAndIsGone(here: Scene, when = () => true): Promise<number> {
  const child = start(qwExec, [command(here, 'echo "ready $$ "; exec sleep 600')], here.options);
  const agent = await readyPid(child.says);
  await waitUntil('it is time', when);
  assert.equal(here.box.left().length, 1);
  process.kill(agent, 'SIGKILL');
  await child.done;
  await here.nothingLeftSoon();
  return agent;
}
