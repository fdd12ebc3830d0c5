// What runs outside of our user namespace (a toolbox, `unshare --user`) or of our sandbox may not be read, though it has our
// uid. Not to see who uses a session is no proof that nobody does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { outsider } from '../helpers/outsider.js';
import { fixture, qwRun, qwTmp } from '../helpers/paths.js';
import {
  deadOwner,
  forge,
  HOUR,
  identityOf,
  killed,
  leaseOf,
  realm,
  reapOnce,
  shifted,
} from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const PLACES = {
  'a user namespace': ['unshare', '--user', '--map-current-user'],
  'a user namespace where we seem to be root': ['unshare', '--user', '--map-root-user'],
  'a sandbox of Landlock': ['python3', fixture('landlock.py')],
};

for (const [place, [enter = '', ...how]] of Object.entries(PLACES)) {
  const probe = spawnSync(enter, [...how, 'true'], { encoding: 'utf8' });
  const skip = probe.status !== 0 && `${place} is not to be had (${probe.stderr || probe.status})`;

  const inside = ({ options }: Scene, args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(enter, [...how, process.execPath, ...args], {
      ...options,
      env: { ...options.env, ...env },
      encoding: 'utf8',
    });
  const reap = (here: Scene, laterMs = 0, args: string[] = []): ReapReport =>
    JSON.parse(inside(here, [qwTmp, 'reap', '--json', ...args], shifted({ laterMs })).stdout) as ReapReport;

  describe(`from inside ${place}`, { concurrency: 2, skip }, () => {
    test('a session that somebody outside uses stays; what is old goes by its age', async (t) => {
      const here = scene(t);
      const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: ['file'] });
      const user = await outsider(here, 'file', join(tmpdir, 'file'));
      for (const args of [[], ['--low', '100%']]) {
        const [one] = reap(here, 2 * HOUR, args).kept.map(({ id, state, reason }) => [id, state, reason]);
        assert.deepEqual(one, ['orphan00', 'unknown', 'processes-unseen']);
      }
      assert.deepEqual((await reapOnce(here)).ids, []);
      await killed(user);
      assert.deepEqual(
        reap(here, 73 * HOUR).removed.map(({ id }) => id),
        ['orphan00'],
      );
    });

    test('nothing is evicted, however its owner is known', async (t) => {
      const here = scene(t);
      const lease = leaseOf('foreign0', { owner: { ...deadOwner(), pidNamespace: '1' } });
      const { tmpdir } = forge(here.box, 'foreign0', { lease, files: ['file'] });
      const user = await outsider(here, 'file', join(tmpdir, 'file'));
      const states = ({ kept }: ReapReport) => kept.map(({ state, reason }) => [state, reason]);
      assert.deepEqual(states(reap(here, 2 * HOUR, ['--low', '100%'])), [['foreign', 'heartbeat-fresh']]);
      await killed(user);
    });

    test('no session is ended that somebody outside uses, too', async (t) => {
      const here = scene(t);
      const lease = leaseOf('orphan00');
      const { tmpdir } = forge(here.box, 'orphan00', { lease, files: ['file'] });
      const user = await outsider(here, 'file', join(tmpdir, 'file'));
      // Inside, a member of it, and the reaper after that.
      const beside = 'TMPDIR="$1" sleep 600 >/dev/null 2>&1 & shift; "$@"; kill -0 $! && echo " alive"';
      const reaper = [process.execPath, qwTmp, 'reap', '--json', '--orphans', 'end'];
      const { stdout } = spawnSync(enter, [...how, 'sh', '-c', beside, 'sh', tmpdir, ...reaper], {
        ...here.options,
        encoding: 'utf8',
      });
      assert.match(stdout, / alive$/m);
      const { kept } = JSON.parse(stdout.replace(' alive', '')) as ReapReport;
      assert.deepEqual(
        kept.map(({ state, reason }) => [state, reason]),
        [['held', 'in-use']],
      );
      await killed(user);
      assert.deepEqual((await reapOnce(here, ['--orphans', 'end'])).ids, ['orphan00']);
    });

    test('nothing is swept of a session that somebody outside may use', async (t) => {
      const here = scene(t);
      const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
      const lease = leaseOf('live0000', { backend: 'claude', owner });
      forge(here.box, 'live0000', { lease, files: ['claude-1a2b-cwd'] });
      const { kept, swept } = reap(here, 73 * HOUR);
      assert.deepEqual([kept.map(({ state }) => state), swept], [['live'], []]);
      assert.equal((await reapOnce(here, [], { laterMs: 73 * HOUR })).report.swept.length, 1);
    });

    test("an owner's end goes by what it sees", (t) => {
      const here = scene(t);
      const { status, stderr } = inside(here, [qwRun, 'sh', '-c', 'mktemp >/dev/null; exit 3']);
      assert.deepEqual([status, stderr], [3, '']);
      here.nothingLeft();
    });
  });
}
