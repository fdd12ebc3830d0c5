// T is mounted somewhere else, as it is or as a layer of an overlay: no process has anything open there, and all in that mount
// namespace use it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { listed } from '../helpers/listed.js';
import { stranger } from '../helpers/outsider.js';
import { killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

/** In `sh`, with T and a directory beside it in `$1` and `$2`. */
const MOUNTS: Record<string, string> = {
  'bound elsewhere': 'mount --bind "$1" "$2/m"',
  'bound elsewhere, a directory in it': 'mount --bind "$1/a b" "$2/m"',
  'bound at its own place': 'mount --bind "$1" "$1"',
  'a lower layer': 'mount -t overlay overlay -o "lowerdir=$2/l:$1/a b" "$2/m"',
  'a lower layer with a comma and a colon in its name':
    'mount -t overlay overlay -o "lowerdir=$2/l:$1/c\\\\,d\\\\:e" "$2/m"',
  'the upper layer': 'mount -t overlay overlay -o "lowerdir=$2/l,upperdir=$1/u,workdir=$1/w" "$2/m"',
};
const mayMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
  encoding: 'utf8',
});
const skip = mayMount.status !== 0 && `no mount in a user namespace to be had (${mayMount.stderr})`;

describe('T stays while it is in another mount namespace', { concurrency: 2, skip }, () => {
  for (const [what, script] of Object.entries(MOUNTS))
    test(`${what}`, async (t) => {
      const here = scene(t);
      const session = await agentThat(here, ['--grace', '100ms'], 'echo "ready $$ "');
      const tmp = join(here.box.root, session.id, 'tmp');
      const beside = join(here.box.dir, 'beside');
      for (const name of ['a b', 'c,d:e', 'u', 'w']) mkdirSync(join(tmp, name));
      for (const name of ['l', 'm']) mkdirSync(join(beside, name), { recursive: true });
      const stay = `${script.replaceAll('\\\\', '\\')} && echo ready; exec sleep 600`;
      const holder = await stranger(here, 'unshare', ['-Urm', 'sh', '-c', stay, 'sh', tmp, beside]);

      const { code, stderr } = await session.leave();

      assert.equal(code, CODE);
      assert.ok(stderr.includes(`(${holder}`), stderr);
      const [listedOne] = await listed(here);
      assert.deepEqual([listedOne?.state, listedOne?.holders.map(({ pid }) => pid)], ['held', [holder]]);
      await killed(holder);
      await here.nothingLeftSoon();
    });
});
