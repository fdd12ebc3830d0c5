// While sessions are walked, listed and removed, somebody inside them swaps directories for links to a tree outside: nothing of
// that tree is ever changed, not its content, not a mode, not a time.
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeSession } from '#src/end/release.js';
import { measure } from '#src/reap/measure.js';
import { start } from '../helpers/cli.js';
import { row, sized } from '../helpers/conformance.js';
import { fixture } from '../helpers/paths.js';
import { forge, killed, leaseOf, picture, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const MS = sized({ fast: 1_500, full: 60_000 });
/** `d0/d0 … d2/d2`, files in each, every second one read-only: then permissions are granted on the way. */
const NAMES = ['d0', 'd1', 'd2'];

test('directories swapped for links while sessions are measured and removed', async (t) => {
  let canary = '';
  t.after(() => chmodSync(join(canary, 'd1'), 0o755)); // before the scene goes
  const here = scene(t);
  const { root, dir } = here.box;
  canary = join(dir, 'canary');
  for (const name of NAMES) put(join(canary, name, 'd0/file'));
  put(join(canary, 'file'));
  chmodSync(join(canary, 'd1'), 0o555);
  const portrait = () => [
    ...picture(canary),
    ...contents(canary),
    `${lstatSync(canary).mode} ${lstatSync(canary).ctimeMs}`,
  ];
  const before = portrait();
  mkdirSync(root, { mode: 0o700 });
  // Made elsewhere and moved in whole: what is swapped here would lead the test itself astray.
  const workshop = { ...here.box, root: join(dir, 'workshop') };
  const swappers = [
    ['tmp/d0', 'tmp/d1/d1'],
    ['tmp/d2', 'tmp/d1/d0'],
  ].map((names) => start(fixture('swap-directories.mjs'), [root, canary, ...names], here.options));
  await Promise.all(swappers.map(({ says }) => says('swaps')));
  let [rounds, passes] = [0, 0];
  for (const until = performance.now() + MS; performance.now() < until; rounds += 1) {
    const id = `round${String(rounds).padStart(3, '0').slice(-3)}`;
    const session = join(root, id);
    const made = forge(workshop, id, { lease: leaseOf(id), files: files() });
    for (const name of ['d0/d0', 'd1/d1']) chmodSync(join(made.tmpdir, name), 0o555);
    renameSync(made.dir, session);
    await measure(session);
    await removeSession(root, session);
    if (rounds % 20 !== 0) continue;
    await reapOnce(here);
    passes += 1;
  }
  const swaps = swappers
    .map(({ stdout }) => Number(/.*swaps (\d+) /s.exec(stdout())?.[1] ?? 0))
    .reduce((a, b) => a + b);
  for (const { pid } of swappers) await killed(pid);
  assert.deepEqual(portrait(), before);
  assert.ok(rounds > 0 && swaps > 0, `${rounds} rounds, ${swaps} swaps`);
  await waitUntil('all is gone', async () => {
    await reapOnce(here);
    return here.box.left().length === 0;
  });
  assert.deepEqual(portrait(), before);
  row('swaps', [`${MS / 1_000} s`, swaps, rounds, passes, 0]);
});

const files = (): string[] =>
  NAMES.flatMap((a) => [`${a}/file`, ...NAMES.flatMap((b) => [`${a}/${b}/file`, `${a}/${b}/d0/file`])]);

const contents = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => lstatSync(path).isFile())
    .map((path) => `${path} ${readFileSync(path, 'utf8')}`);
