// The same while sessions that live are only looked at, or swept, or end: sizes, ages, work, the largest entries, units, their removal.
// Whatever walks there follows no link out: nothing of a tree outside is changed, no file of it is read.
import assert from 'node:assert/strict';
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listSessions, openSession } from 'qw-run';
import { canaryFor, isWhole } from '../../helpers/canary.js';
import { run, start } from '../../helpers/cli.js';
import { row } from '../../helpers/conformance.js';
import { makeRoot } from '../../helpers/make-root.js';
import { fixture, qwTmp } from '../../helpers/paths.js';
import { forge, HOUR, killed, leaseOf, reapOnce } from '../../helpers/reaping.js';
import { scene } from '../../helpers/scene.js';
import { MS, swapsOf, timeFor } from './swappers.js';

const NAMES = ['d0', 'd1', 'd2'];
const UID = process.getuid?.();
/** A unit of Claude's that may hold anything. */
const UNIT = `claude-${UID}/tmp.AbCdEfGhIj`;

test('directories swapped for links while sessions are listed, examined, swept and ended', async (t) => {
  const makeCanary = canaryFor(t);
  const here = scene(t);
  const { root, dir, env } = here.box;
  const canary = makeCanary(join(dir, 'canary'), NAMES);
  makeRoot(root);
  // Made elsewhere and moved in whole: what is swapped here would lead the test itself astray.
  const workshop = { ...here.box, root: join(dir, 'workshop') };
  const fill = (tmpdir: string, round: number) => {
    const { tmpdir: made } = forge(workshop, `r${String(round).padStart(7, '0')}`, {
      files: [...files('.'), ...files(UNIT)],
    });
    chmodSync(join(made, 'd0/d0'), 0o555);
    for (const name of [...NAMES, `claude-${UID}`]) renameSync(join(made, name), join(tmpdir, name));
  };
  const swappers = [
    ['tmp/d0', `tmp/${UNIT}/d0`],
    ['tmp/d2', 'tmp/d1/d0', `tmp/${UNIT}/d1/d1`],
  ].map((names) => start(fixture('swap-directories.mjs'), [root, canary.dir, ...names], here.options));
  let [rounds, swept, orphans] = [0, 0, 0];
  for (const isOver = timeFor(() => swapsOf(swappers) > 0 && orphans > 0); !isOver(); rounds += 1) {
    const session = await openSession({ env, root, backend: 'claude', watchdog: false, grace: 0 });
    fill(session.tmpdir, rounds);
    const orphan = forge(workshop, `o${String(rounds).padStart(7, '0')}`, {
      lease: leaseOf(`o${String(rounds).padStart(7, '0')}`),
      files: files('.'),
    });
    renameSync(orphan.dir, join(root, `o${String(rounds).padStart(7, '0')}`));
    const { sessions } = await listSessions({ env, root }); // sizes, ages, and of orphans the work
    orphans += sessions.filter(({ state }) => state === 'orphan').length;
    if (rounds % 10 === 0) await run(qwTmp, ['doctor', '--json', '--time', '2s'], here.options);
    if (rounds % 3 === 0)
      swept += (await reapOnce(here, ['--low', '99%'], { laterMs: 80 * HOUR })).report.swept.length;
    await session.end({ measure: true });
  }
  const swaps = swapsOf(swappers);
  for (const { pid } of swappers) await killed(pid);
  canary.untouched();
  isWhole(canary);
  assert.ok(swaps > 0 && orphans > 0, `${rounds} rounds, ${swaps} swaps, ${orphans} orphans`);
  t.diagnostic(`${rounds} rounds, ${swaps} swaps, ${swept} units swept`);
  row('swaps', [`${MS / 1_000} s, listed, swept and ended`, swaps, rounds, rounds, 0]);
});

const files = (below: string): string[] =>
  NAMES.flatMap((a) => [`${a}/file`, ...NAMES.flatMap((b) => [`${a}/${b}/file`, `${a}/${b}/d0/file`])]).map(
    (name) => join(below, name),
  );
