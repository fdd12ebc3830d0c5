// TMPDIRs on btrfs. A subvolume has a device number of its own and is a directory all the same: it goes with what it lies in. One
// that was made read-only stays, and is told with the command that helps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { mountImage } from '../helpers/loop-mount.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';
import { forge, ids, leaseOf, put, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);
const MANY = Array.from({ length: 200 }, (_, n) => `many/${n}`);

/** A root on btrfs; undefined where there is none to be had, and the test is skipped. */
function onBtrfs(t: TestContext): Scene | undefined {
  const here = mountScene(t);
  const point = join(here.box.dir, 'b');
  mkdirSync(point);
  const why = mountImage('mkfs.btrfs -q', here.box.dir, point);
  if (why !== undefined) {
    t.skip(why);
    return undefined;
  }
  here.box.root = join(point, 'r');
  here.options.env['QW_ROOT'] = here.box.root;
  return here;
}

const btrfs = (...args: string[]) => execFileSync('btrfs', ['-q', ...args]);
const subvolume = (path: string) => btrfs('subvolume', 'create', path);

/** What is in the TMPDIR, by whoever made it. */
const TREES: [what: string, make: (tmpdir: string) => void][] = [
  ['a subvolume', (tmpdir) => subvolume(join(tmpdir, 'v'))],
  [
    'a subvolume with files in it',
    (tmpdir) => {
      subvolume(join(tmpdir, 'v'));
      put(join(tmpdir, 'v/a/b/file'));
    },
  ],
  [
    'subvolumes in each other, and many files',
    (tmpdir) => {
      subvolume(join(tmpdir, 'v'));
      for (const name of MANY) put(join(tmpdir, 'v', name));
      subvolume(join(tmpdir, 'v/many/w'));
      for (const name of MANY) put(join(tmpdir, 'v/many/w', name));
    },
  ],
  [
    'a snapshot',
    (tmpdir) => {
      subvolume(join(tmpdir, 'v'));
      put(join(tmpdir, 'v/file'));
      btrfs('subvolume', 'snapshot', join(tmpdir, 'v'), join(tmpdir, 's'));
    },
  ],
];

for (const [what, make] of TREES) {
  test(`${what} on btrfs goes with an orphan`, { skip }, async (t) => {
    const here = onBtrfs(t);
    if (!here) return;
    make(forge(here.box, 'orphan00', { lease: leaseOf('orphan00') }).tmpdir);
    const { code, report } = await reapOnce(here);
    assert.deepEqual([code, report.failed, report.removed.map(({ id }) => id)], [0, [], ['orphan00']]);
    here.nothingLeft();
  });

  test(`${what} on btrfs goes with its session`, { skip }, async (t) => {
    const here = onBtrfs(t);
    if (!here) return;
    const go = join(here.box.dir, 'go');
    const script = `: > ${go}; until test -e ${go}.on; do sleep 0.05; done`;
    const running = run(qwRun, ['--no-watchdog', '--', 'sh', '-c', script], here.options);
    await waitUntil('the agent runs', () => existsSync(go));
    make(join(here.box.root, ids(here.box)[0] ?? '', 'tmp'));
    put(`${go}.on`);
    const { code, stderr } = await running;
    assert.deepEqual([code, stderr], [0, '']);
    here.nothingLeft();
  });
}

test('a subvolume that was made read-only stays, with the command that helps', { skip }, async (t) => {
  const here = onBtrfs(t);
  if (!here) return;
  const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  subvolume(join(tmpdir, 'v'));
  put(join(tmpdir, 'v/file'));
  btrfs('property', 'set', join(tmpdir, 'v'), 'ro', 'true');
  const { code, report } = await reapOnce(here);
  assert.deepEqual([code, report.removed, report.failed.length], [1, [], 1]);
  const [{ hint } = { hint: '' }] = report.failed;
  assert.match(hint, /^btrfs property set /);
  execFileSync('sh', ['-c', hint], { stdio: 'ignore' });
  assert.equal((await reapOnce(here)).code, 0);
  here.nothingLeft();
});
