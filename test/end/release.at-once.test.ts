// Sessions of one process that end at once look at the processes together, not each by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { release } from '#src/end/release.js';
import { fs } from '#src/fs.js';
import type { Lease } from '#src/lease/lease.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';
import { deadOwner, forge, leaseOf } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const skip = process.platform !== 'linux' && 'reads procfs';
const MANY = 10;

test('ten ends look less than ten times before anything is claimed', { skip }, async (t) => {
  const here = scene(t);
  const { root } = here.box;
  const owner = deadOwner();
  const all = Array.from({ length: MANY }, (_, at) => {
    const id = `many${1000 + at}`;
    const lease = leaseOf(id, { owner }) as unknown as Lease;
    const { dir } = forge(here.box, id, { lease: { ...lease } });
    return { root, dir, lease, spare: [], maxAgeMs: 1, lastSeenAt: 0, clock: WALL_CLOCK };
  });
  const opened = t.mock.method(fs, 'openSync');
  // Each look reads this table at its begin.
  const looks = () =>
    opened.mock.calls.filter(({ arguments: [path] }) => path === '/proc/self/net/unix').length;
  let before: number | undefined;
  const { renameSync } = fs;
  t.mock.method(fs, 'renameSync', (...args: Parameters<typeof renameSync>) => {
    before ??= looks();
    renameSync(...args);
  });
  const states = (await Promise.all(all.map(release))).map(({ state }) => state);
  assert.deepEqual(new Set(states), new Set(['removed']));
  assert.ok(before !== undefined && before > 0 && before < MANY, `${before} looks`);
  here.nothingLeft();
});
