// An isolated session of the launcher: the command enters it by exec, as the same process, and it goes with its last process.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { states } from '../helpers/listed.js';
import { qwExec, qwTmp } from '../helpers/paths.js';
import { openTerminal } from '../helpers/pty.js';
import { ids } from '../helpers/reaping.js';
import { receiptsIn } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const MODES = [
  ['tmpfs', ['--isolate', 'tmpfs', '--size', '4M']],
  ['tmp', ['--isolate', 'tmp']],
  ['tmp in memory', ['--isolate', 'tmp', '--size', '4M']],
] as const;

for (const [name, flags] of MODES)
  describe(name, { skip: noIsolation(), concurrency: 2 }, () => {
    test('the command is the process that was started, silent, with a TMPDIR that is private', async (t) => {
      const here = scene(t);
      const script = 'echo $$; mktemp; pwd; echo "$TMPDIR"; exit 7';
      const { child, done } = start(qwExec, [...flags, 'sh', '-c', script], here.options);
      const { code, stdout, stderr } = await done;
      const [pid, made = '', cwd, tmpdir = ''] = stdout.split('\n');
      assert.deepEqual([code, stderr, pid, cwd], [7, '', `${child.pid}`, here.box.cwd]);
      assert.ok(made.startsWith(`${tmpdir}/`));
      assert.equal(tmpdir === '/tmp', name !== 'tmpfs');
      await here.nothingLeftSoon();
    });

    test('what it leaves behind is ended, whatever it has of its origin', async (t) => {
      const here = scene(t);
      const script = `${leftSleeping('env -i setsid sleep 600 >/dev/null 2>&1')} exit 0`;
      assert.equal((await run(qwExec, [...flags, 'sh', '-c', script], here.options)).code, 0);
      await waitUntil('the receipt is written', () => receiptsIn(here).length > 0);
      assert.deepEqual(
        receiptsIn(here)[0]?.ended.map((one) => one.name),
        ['sleep'],
      );
      await here.nothingLeftSoon();
    });

    test('--keep brings it to disk', async (t) => {
      const here = scene(t);
      await run(qwExec, [...flags, '--keep', 'sh', '-c', 'echo work >"$TMPDIR/file"'], here.options);
      const [id = ''] = ids(here.box);
      // It counts as kept from the command's death on; the watchdog brings it to disk a moment later, and lets go of it.
      const isKept = () => receiptsIn(here).some(({ state }) => state === 'kept');
      await waitUntil('the watchdog is through with it', isKept);
      assert.equal(readFileSync(join(here.box.root, id, 'tmp/file'), 'utf8'), 'work\n');
      assert.deepEqual(await states(here), [`${id} kept`]);
      assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 0);
      await here.nothingLeftSoon();
    });

    test('in a terminal Ctrl-C reaches it, and its status is its own', async (t) => {
      const here = scene(t);
      const command = [...flags, 'sh', '-c', 'trap "exit 9" INT; echo "re"ady; while :; do sleep 0.1; done'];
      const terminal = openTerminal(t, qwExec, command, here.options);
      await terminal.shows('ready');
      terminal.type('\x03');
      assert.equal((await terminal.ends()).exitCode, 9);
      await here.nothingLeftSoon();
    });
  });
