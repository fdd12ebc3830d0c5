// While sessions are walked, listed and removed, somebody inside them swaps directories for links to a tree outside: nothing of
// that tree is ever changed, not its content, not a mode, not a time; no file of it is even read.
import assert from 'node:assert/strict';
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { take } from '#src/take/take.js';
import { measure } from '#src/tree/measure.js';
import { busyboxIn, noBusybox } from '../../helpers/busybox.js';
import { canaryFor, isWhole } from '../../helpers/canary.js';
import { start } from '../../helpers/cli.js';
import { row } from '../../helpers/conformance.js';
import { makeRoot } from '../../helpers/make-root.js';
import { fixture } from '../../helpers/paths.js';
import { forge, killed, leaseOf, reapOnce } from '../../helpers/reaping.js';
import { scene } from '../../helpers/scene.js';
import { useStandIns } from '../../helpers/stand-ins.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { MS, swapsOf, timeFor } from './swappers.js';

const REMOVERS: [name: string, find: (t: TestContext, dir: string) => void][] = [
  ['the rm that is installed', () => {}],
  ['the rm of busybox', findBusybox],
];
/** `d0/d0 … d2/d2`, files in each, every second one read-only: then permissions are granted on the way. */
const NAMES = ['d0', 'd1', 'd2'];

for (const [remover, find] of REMOVERS)
  test(`directories swapped for links while sessions are measured and removed by ${remover}`, {
    skip: find === findBusybox && noBusybox(),
  }, async (t) => {
    const makeCanary = canaryFor(t);
    const here = scene(t);
    const { root, dir } = here.box;
    const canary = makeCanary(join(dir, 'canary'), NAMES);
    makeRoot(root);
    find(t, dir);
    // Made elsewhere and moved in whole: what is swapped here would lead the test itself astray.
    const workshop = { ...here.box, root: join(dir, 'workshop') };
    const swappers = [
      ['tmp/d0', 'tmp/d1/d1'],
      ['tmp/d2', 'tmp/d1/d0'],
    ].map((names) => start(fixture('swap-directories.mjs'), [root, canary.dir, ...names], here.options));
    await Promise.all(swappers.map(({ says }) => says('swaps')));
    let [rounds, passes] = [0, 0];
    for (const isOver = timeFor(() => swapsOf(swappers) > 0); !isOver(); rounds += 1) {
      const id = `round${String(rounds).padStart(3, '0').slice(-3)}`;
      const session = join(root, id);
      // A small tree is removed by ourselves, a larger one by rm.
      const more = rounds % 2 === 0 ? [] : MANY;
      const made = forge(workshop, id, { lease: leaseOf(id), files: [...files(), ...more] });
      for (const name of ['d0/d0', 'd1/d1']) chmodSync(join(made.tmpdir, name), 0o555);
      renameSync(made.dir, session);
      await measure(session);
      await take([{ kind: 'session', path: session, base: root }], {
        lookAgain: async () => () => undefined,
      });
      if (rounds % 20 !== 0) continue;
      await reapOnce(here);
      passes += 1;
    }
    const swaps = swapsOf(swappers);
    for (const { pid } of swappers) await killed(pid);
    canary.untouched();
    assert.ok(rounds > 0 && swaps > 0, `${rounds} rounds, ${swaps} swaps`);
    await waitUntil('all is gone', async () => {
      await reapOnce(here);
      return here.box.left().length === 0;
    });
    canary.untouched();
    isWhole(canary);
    row('swaps', [`${MS / 1_000} s, ${remover}`, swaps, rounds, passes, 0]);
  });

const MANY = Array.from({ length: 80 }, (_, n) => `many/${n}`);

const files = (): string[] =>
  NAMES.flatMap((a) => [`${a}/file`, ...NAMES.flatMap((b) => [`${a}/${b}/file`, `${a}/${b}/d0/file`])]);

/** From here on this process takes it. */
function findBusybox(t: TestContext, dir: string): void {
  useStandIns(t, busyboxIn(dir));
}
