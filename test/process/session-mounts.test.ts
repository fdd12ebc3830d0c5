// Each mount namespace is read once a look, by any process in it. One that is in a chroot, or has ended, does
// not speak for the others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fs } from '#src/fs.js';
import { sessionMounts } from '#src/process/session-mounts.js';
import { mountOf, parseMountinfo } from '#src/root/mounts.js';
import { missing } from '../helpers/belongs.js';
import { stranger } from '../helpers/outsider.js';
import { forge, killed, leaseOf, reapOnce } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { scene } from '../helpers/scene.js';

const mayMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
  encoding: 'utf8',
});
const skip =
  (mayMount.status !== 0 && `no mount in a user namespace to be had (${mayMount.stderr})`) ||
  missing('python3');

/** T is `$1`. Who goes into the chroot is looked at before the other: its pid is lower. */
const bindAnd = (mount: string) =>
  `mount --bind "$1" "$2/m" && ${mount} && { sleep 600 & } && exec python3 -c "$3" "$2/c"`;
const CHROOT = `import os, sys, time
os.chdir('/'); os.chroot(sys.argv[1]); print('ready', flush=True); time.sleep(600)`;

describe('a chroot in a mount namespace hides nothing that is mounted there', { skip }, () => {
  for (const [what, mount] of [
    ['with a mount in it', 'mount -t tmpfs tmpfs "$2/c"'],
    ['without any', 'true'],
  ] as const)
    test(what, async (t) => {
      const here = scene(t);
      const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      const beside = join(here.box.dir, 'beside');
      for (const name of ['m', 'c']) mkdirSync(join(beside, name), { recursive: true });
      await stranger(here, 'unshare', ['-Urm', 'sh', '-c', bindAnd(mount), 'sh', tmpdir, beside, CHROOT]);

      const { kept } = (await reapOnce(here)).report;

      assert.deepEqual(
        kept.map(({ id, state, reason }) => [id, state, reason]),
        [['orphan00', 'held', 'in-use']],
      );
      for (const pid of here.processes()) await killed(pid);
      assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
    });
});

test('one that ended before its table was read leaves no empty one', (t) => {
  const { root } = sandbox(t);
  const { dir, tmpdir } = forge({ root }, 'orphan00');
  const own = mountOf(tmpdir, parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')));
  assert.ok(own);
  const bound = `2 1 ${own.device} ${join(own.root, relative(own.point, tmpdir))} /m rw - ext4 x rw\n`;
  const [ended, there] = [2 ** 22 + 1, 2 ** 22 + 2]; // no pid is that high
  const said: Record<string, string> = { [`/proc/${there}/mountinfo`]: bound };
  for (const pid of [ended, there])
    Object.assign(said, { [`/proc/${pid}/ns/mnt`]: 'mnt:[1]', [`/proc/${pid}/root`]: '/' });
  for (const name of ['readFileSync', 'readlinkSync'] as const) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    t.mock.method(
      fs,
      name,
      ((path: unknown, ...rest: unknown[]) => said[String(path)] ?? real(path, ...rest)) as never,
    );
  }
  const { seen } = sessionMounts({ roots: [root] });
  assert.deepEqual(seen(ended), []);
  assert.deepEqual(seen(there), [{ dir, what: 'mount', path: tmpdir }]);
});
