// In a user namespace of our own we may not read what runs outside of it with our uid (a toolbox, `unshare --user`). Not
// to see who uses a session is no proof that nobody does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { outsider } from '../helpers/outsider.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, HOUR, identityOf, killed, leaseOf, realm, reapOnce, shifted } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const INSIDE = ['--user', '--map-current-user'];
const probe = spawnSync('unshare', [...INSIDE, 'true'], { encoding: 'utf8' });
const skip = probe.status !== 0 && `no user namespace to be had (${probe.stderr || probe.error})`;

function inside({ options }: Scene, bin: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const command = [...INSIDE, process.execPath, bin, ...args];
  return spawnSync('unshare', command, { ...options, env: { ...options.env, ...env }, encoding: 'utf8' });
}

const reapInside = (here: Scene, laterMs = 0, args: string[] = []): ReapReport =>
  JSON.parse(inside(here, qwTmp, ['reap', '--json', ...args], shifted({ laterMs })).stdout) as ReapReport;

describe('from inside a user namespace', { concurrency: 2, skip }, () => {
  test('a session that somebody outside uses stays; what is old goes by its age', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: ['file'] });
    const user = await outsider(here, 'file', join(tmpdir, 'file'));
    for (const args of [[], ['--low', '100%']]) {
      const { kept } = reapInside(here, 2 * HOUR, args);
      const [one] = kept.map(({ id, state, reason }) => [id, state, reason]);
      assert.deepEqual(one, ['orphan00', 'unknown', 'processes-unseen']);
    }
    assert.deepEqual((await reapOnce(here)).ids, []);
    await killed(user);
    assert.deepEqual(
      reapInside(here, 73 * HOUR).removed.map(({ id }) => id),
      ['orphan00'],
    );
  });

  test('nothing is swept of a session that somebody outside may use', async (t) => {
    const here = scene(t);
    const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
    const lease = leaseOf('live0000', { backend: 'claude', owner });
    forge(here.box, 'live0000', { lease, files: ['claude-1a2b-cwd'] });
    const { kept, swept } = reapInside(here, 73 * HOUR);
    assert.deepEqual([kept.map(({ state }) => state), swept], [['live'], []]);
    assert.equal((await reapOnce(here, [], { laterMs: 73 * HOUR })).report.swept.length, 1);
  });

  test("an owner's end goes by what it sees", (t) => {
    const here = scene(t);
    const { status, stderr } = inside(here, qwRun, ['sh', '-c', 'mktemp >/dev/null; exit 3']);
    assert.deepEqual([status, stderr], [3, '']);
    here.nothingLeft();
  });
});
