// A directory above T is mounted a second time: what is open in T by that other name is open in T.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { stranger } from '../helpers/outsider.js';
import { fixture } from '../helpers/paths.js';
import { forge, killed, leaseOf, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const mayMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
  encoding: 'utf8',
});
const skip = mayMount.status !== 0 && `no mount in a user namespace to be had (${mayMount.stderr})`;
const BIND = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';

describe('T stays while it is in use by another name', { concurrency: 2, skip }, () => {
  for (const [what, name] of [
    ['file', 'file'],
    ['cwd', '.'],
    ['socket', 's'],
  ] as const)
    for (const above of ['the root', 'what the root lies in'])
      test(`${what}, of ${above}`, async (t) => {
        const here = scene(t);
        const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: ['file'] });
        const beside = join(here.box.dir, 'b');
        mkdirSync(beside);
        const top = above === 'the root' ? here.box.root : dirname(here.box.root);
        const held = join(beside + tmpdir.slice(top.length), name);
        const hold = [process.execPath, fixture('hold.mjs'), what, held];
        const user = await stranger(here, 'unshare', ['-Urm', 'sh', '-c', BIND, 'sh', top, beside, ...hold]);

        const { kept } = (await reapOnce(here)).report;

        assert.deepEqual(
          kept.map(({ id, state, reason }) => [id, state, reason]),
          [['orphan00', 'held', 'in-use']],
        );
        await killed(user);
        assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
      });
});
