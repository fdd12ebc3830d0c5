// An immutable file or directory lies in a session: not even root removes it. It is told with a command that does, and the
// agent's exit status stays.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { hintWorks, toldHint } from '../helpers/hints.js';
import { qwRun } from '../helpers/paths.js';
import { put, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const skip = process.getuid?.() === 0 ? false : 'needs root';

/** A scene of root's that is made mutable again before it is deleted. */
function immutableScene(t: TestContext): Scene | undefined {
  let here: Scene | undefined;
  t.after(() => here && spawnSync('chattr', ['-R', '-i', here.box.dir]));
  here = scene(t);
  const probe = put(join(here.box.dir, 'probe'));
  const { status, stderr, error } = spawnSync('chattr', ['+i', probe], { encoding: 'utf8' });
  if (status === 0) return here;
  t.skip(`no immutable file to be had (${stderr || error})`);
  return undefined;
}

for (const [what, script] of [
  ['an immutable file', 'echo x > "$TMPDIR/fixed"; chattr +i "$TMPDIR/fixed"'],
  ['an immutable directory', 'mkdir "$TMPDIR/d"; echo x > "$TMPDIR/d/x"; chattr +i "$TMPDIR/d"'],
  ['an immutable session directory', 'chattr +i "$TMPDIR/.."'],
] as const) {
  test(`${what} is told with the command that helps, the exit status stays`, { skip }, async (t) => {
    const here = immutableScene(t);
    if (!here) return;
    const command = ['--no-watchdog', '--', 'sh', '-c', `echo x > "$TMPDIR/plain"; ${script}; exit 7`];
    const { code, stderr } = await run(qwRun, command, here.options);
    assert.equal(code, 7);
    assert.match(toldHint(stderr), /chattr|ls -ld/);
    const { code: fellShort, report } = await reapOnce(here);
    assert.deepEqual([fellShort, report.removed], [1, []]);
    hintWorks(here, report.failed[0]?.hint ?? '');
  });
}
