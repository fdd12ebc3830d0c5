// Sessions that grow while they are walked, faster than the walk: whoever looks at them or removes them is through all the same, says
// what he did not see or could not remove, and treats the others as usual.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Diagnosis, listSessions, openSession } from 'qw-run';
import { type Finished, type Running, run, start } from '../../helpers/cli.js';
import { row, sized } from '../../helpers/conformance.js';
import { fixture, qwTmp } from '../../helpers/paths.js';
import { forge, killed, leaseOf, put, reapOnce } from '../../helpers/reaping.js';
import { type Scene, scene } from '../../helpers/scene.js';

/** Entries that each of two processes makes at most: the disk is not the test's own. */
const MOST = sized({ fast: 30_000, full: 300_000 });

interface Growing extends Scene {
  growers: Running[];
  made(): number;
  /** They end; all is removed by the next pass. */
  stop(): Promise<void>;
}

async function growing(t: TestContext): Promise<Growing> {
  const here = scene(t);
  const growers = [1, 2].map(() =>
    start(fixture('grow-directories.mjs'), [here.box.root, String(MOST)], here.options),
  );
  return {
    ...here,
    growers,
    made: () =>
      growers.reduce((sum, { stdout }) => sum + Number(/.*made (\d+) /s.exec(stdout())?.[1] ?? 0), 0),
    stop: async () => {
      for (const { pid } of growers) await killed(pid);
      const { report } = await reapOnce(here);
      assert.deepEqual(report.failed, []);
      assert.deepEqual(here.box.left(), []);
    },
  };
}

const told = (what: string, here: Growing) => row('growing', [what, here.made(), 'through, told']);

test('an orphan that grows while it is removed: through, the other one gone, the rest told or gone', async (t) => {
  const here = await growing(t);
  forge(here.box, 'growing0', { lease: leaseOf('growing0') });
  await Promise.all(here.growers.map(({ says }) => says(/made [1-9]/)));
  const other = forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  const { code, report } = await reapOnce(here);
  assert.ok(!existsSync(other.dir) || report.failed.length > 0);
  assert.equal(code, report.failed.length > 0 ? 1 : 0);
  for (const { path, reason } of report.failed)
    assert.match(`${path}: ${reason}`, /(growing0|orphan00).*(fills|use|not)/);
  told('removed', here);
  await here.stop();
});

test('a live session that grows: listed, examined within its time, and ended', async (t) => {
  const here = await growing(t);
  const { root, env } = here.box;
  const session = await openSession({ env, root, watchdog: false, grace: 0 });
  put(join(session.tmpdir, 'file'));
  await Promise.all(here.growers.map(({ says }) => says(/made [1-9]/)));
  const { stdout }: Finished = await run(qwTmp, ['doctor', '--json', '--time', '1s'], here.options);
  const { sessions, cut } = JSON.parse(stdout) as Diagnosis;
  assert.deepEqual(
    sessions.map(({ id }) => id),
    [session.id],
  );
  assert.equal(
    cut.includes(root),
    sessions.some(({ size }) => size.isPartial),
  );
  const list = await listSessions({ env, root });
  assert.deepEqual(
    list.sessions.map(({ id, state }) => [id, state]),
    [[session.id, 'live']],
  );
  const { state, failed, largest } = await session.end({ measure: true });
  assert.ok(state === 'removed' || failed.length > 0, state);
  assert.ok(largest.length > 0);
  told('listed, examined and ended', here);
  await here.stop();
});
