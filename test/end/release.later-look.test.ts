// Somebody who was there in the end's look at processes, and had nothing to do with the session, comes to it while the end is busy with
// something else for long: seen by the second look.
import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { monotonicMs } from '#src/clock.js';
import { removeEnded } from '#src/end/release.js';
import type { Lease } from '#src/lease/lease.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';
import { takeTable } from '#src/process/take-table.js';
import { stranger } from '../helpers/outsider.js';
import { deadOwner, forge, killed, leaseOf, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const ID = 'dead1234';

test('who comes after a look that was long ago is seen', async (t) => {
  const here = scene(t);
  const { root } = here.box;
  const lease = leaseOf(ID, { owner: deadOwner() }) as unknown as Lease;
  const { dir, tmpdir } = forge(here.box, ID, { lease: { ...lease } });
  const go = join(here.box.dir, 'go');
  const script = `echo ready; until [ -e '${go}' ]; do sleep 0.02; done; cd '${tmpdir}'; exec sleep 600`;
  const pid = await stranger(here, 'sh', ['-c', script]);
  const table = await takeTable({ roots: [root] });
  put(go);
  await waitUntil('it is there', () => readlinkSync(`/proc/${pid}/cwd`) === tmpdir);
  const options = { root, dir, lease, spare: [], maxAgeMs: 1, lastSeenAt: 0, clock: WALL_CLOCK };
  const { state, left } = await removeEnded(options, { table, at: monotonicMs() - 1_000 });
  assert.deepEqual([state, left.some((one) => one.pid === pid)], ['held', true]);
  await killed(pid);
  await waitUntil('nobody is there', async () => (await removeEnded(options)).state === 'removed');
  assert.ok(!existsSync(dir));
});
