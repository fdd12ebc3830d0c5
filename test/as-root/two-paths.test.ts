// A root that has two paths, since a directory above it is mounted twice: who uses a session by one of them keeps it by both.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { outsider } from '../helpers/outsider.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { forge, killed, leaseOf, reapOnce } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);

for (const what of ['file', 'socket'] as const)
  test(`a session of a root with two paths, in use by a ${what}`, { skip }, async (t) => {
    const here = mountScene(t);
    const { root, dir } = here.box;
    const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: ['file'] });
    mkdirSync(join(dir, 'b'));
    mount('--bind', dirname(root), join(dir, 'b'));
    const second = join(dir, 'b', root.slice(dirname(root).length));
    const user = await outsider(here, what, join(tmpdir, what === 'file' ? 'file' : 's'));
    for (const path of [root, second]) {
      const { kept } = (await reapOnce(here, ['--root', path])).report;
      assert.deepEqual(
        kept.map(({ id, reason }) => [id, reason]),
        [['orphan00', 'in-use']],
        path,
      );
    }
    await killed(user);
    assert.deepEqual((await reapOnce(here, ['--root', second])).ids, ['orphan00']);
  });
