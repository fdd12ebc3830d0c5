// What a look at processes does not read to its end, it says: nobody is taken for not being there. Real
// processes with more open than a look keeps, and looks whose time or room is used up.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { occupantsIn } from '#src/end/occupants.js';
import { release } from '#src/end/release.js';
import { remaining } from '#src/end/remaining.js';
import type { Lease } from '#src/lease/lease.js';
import { LIMITS, type Limits } from '#src/process/meter.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';
import type { ProcessTable } from '#src/process/table.js';
import { takeTable } from '#src/process/take-table.js';
import { usedPaths } from '#src/take/users.js';
import { stranger } from '../helpers/outsider.js';
import { fixture } from '../helpers/paths.js';
import { deadOwner, forge, killed, leaseOf } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { bound, noPython } from '../helpers/sockets.js';
import { waitUntil } from '../helpers/wait-until.js';

const [ID, OTHER] = ['dead1234', 'dead5678'];

function place(t: TestContext) {
  const here = scene(t);
  const { root } = here.box;
  const lease = leaseOf(ID, { owner: deadOwner() }) as unknown as Lease;
  const { dir, tmpdir } = forge(here.box, ID, { lease: { ...lease } });
  const options = { root, dir, lease, spare: [], maxAgeMs: 1, lastSeenAt: Date.now(), clock: WALL_CLOCK };
  const look = (limits: Partial<Limits> = {}) =>
    takeTable({ roots: [root] }, undefined, { ...LIMITS, ...limits });
  const leftIn = (table: ProcessTable) => remaining(occupantsIn(table, options), dir);
  return { here, root, dir, tmpdir, options, look, leftIn };
}

const holdFiles = (here: ReturnType<typeof scene>, dir: string, ...counts: number[]): Promise<number> =>
  stranger(here, 'python3', [fixture('hold-files.py'), dir, ...counts.map(String)]);

describe('a process with more open in a session than is kept', { skip: noPython }, () => {
  test('uses all of that session, and no other', async (t) => {
    const { here, root, dir, tmpdir, look, leftIn } = place(t);
    const other = join(root, OTHER);
    mkdirSync(join(other, 'tmp'), { recursive: true });
    const pid = await holdFiles(here, tmpdir, 1_200);
    const table = await look();
    assert.equal(table.isPartial, false);
    const holds = table.processes.get(pid)?.holds ?? [];
    assert.deepEqual([holds.length, holds.at(-1)], [1_001, { dir, what: 'more', path: dir }]);
    const isUsed = usedPaths(table);
    const asked = [join(tmpdir, '1199'), join(tmpdir, 'a/b'), dir, root, other, join(other, 'tmp')];
    assert.deepEqual(asked.map(isUsed), [true, true, true, true, false, false]);
    const [one, ...more] = leftIn(table);
    assert.deepEqual([one?.pid, one?.why, more], [pid, 'holder', []]);
    assert.ok(one?.holds.includes(`perhaps more in ${dir}`));
  });

  test('that more is in a second session, which counts as in use, too', async (t) => {
    const { here, root, dir, tmpdir, look } = place(t);
    const other = join(root, OTHER);
    mkdirSync(join(other, 'tmp'), { recursive: true });
    const pid = await bound(here, `listen ${tmpdir}/a`, `listen ${tmpdir}/b`, `listen ${other}/tmp/c`);
    const { processes } = await look({ perProcess: 1 });
    const holds = processes.get(pid)?.holds.map((hold) => [hold.what, hold.dir]);
    assert.deepEqual(holds, [
      ['socket', dir],
      ['more', dir],
      ['more', other],
    ]);
    assert.equal(processes.get(pid)?.doors, undefined); // not all are known: it is not private
  });

  test('so do all of them together', async (t) => {
    const { here, dir, tmpdir, look } = place(t);
    const pids = [await holdFiles(here, tmpdir, 3), await holdFiles(here, tmpdir, 3)].sort((a, b) => a - b);
    const { processes } = await look({ holds: 4 });
    const holds = pids.map((pid) => processes.get(pid)?.holds.map(({ what }) => what));
    assert.deepEqual(holds, [
      ['file', 'file', 'file'],
      ['file', 'more'],
    ]);
    assert.deepEqual(processes.get(pids[1] as number)?.holds.at(-1)?.dir, dir);
  });

  test('its threads that have descriptors of their own are each looked at', async (t) => {
    const { here, tmpdir, look } = place(t);
    const pid = await holdFiles(here, tmpdir, 2, 50);
    const { processes } = await look();
    assert.equal(processes.get(pid)?.holds.length, 52);
  });
});

describe('a look that took too long', { skip: noPython }, () => {
  test('finds who names the session, and not that nobody else is there', async (t) => {
    const { here, dir, tmpdir, look, leftIn } = place(t);
    const script = `export TMPDIR='${tmpdir}'; exec sh -c 'echo ready; exec sleep 600'`;
    const member = await stranger(here, 'sh', ['-c', script]);
    const table = await look({ ms: 0 });
    assert.deepEqual([table.isPartial, table.isSettled], [true, false]);
    assert.equal(table.processes.get(process.pid)?.pid, process.pid);
    const left = leftIn(table);
    assert.deepEqual(
      left.map(({ pid, why }) => [pid, why]),
      [
        [member, 'member'],
        [0, 'holder'],
      ],
    );
    assert.match(left[1]?.evidence ?? '', /in time/);
    await killed(member);
    assert.deepEqual(
      leftIn(await look({ ms: 0 })).map(({ pid }) => pid),
      [0],
    );
    assert.ok(usedPaths(table)('/anything'));
    assert.ok(existsSync(dir));
  });

  test('names who took most of it', async (t) => {
    const { here, tmpdir, look, leftIn } = place(t);
    const pid = await holdFiles(here, tmpdir, 1_000, 100);
    // Enough for everybody else, and not for this one: what it has is read for longer than all before it.
    for (let ms = 5; ; ms += 5) {
      const table = await look({ ms });
      if (!table.isPartial) return assert.fail('it was looked at to its end');
      if (!table.slowest?.includes(`(${pid})`)) continue;
      assert.ok(
        leftIn(table)
          .at(-1)
          ?.holds.some((hold) => hold.includes(`(${pid}) takes long`)),
      );
      return;
    }
  });

  test('leaves nothing open, wherever it ended', async (t) => {
    const { here, tmpdir, look } = place(t);
    await holdFiles(here, tmpdir, 100, 20);
    const open = () => readdirSync('/proc/self/fd').length;
    await look();
    const before = open();
    for (let ms = 0; ms < 40; ms += 1) await look({ ms });
    assert.equal(open(), before);
  });

  test('or met more sockets than are kept: whose they are is not known', async (t) => {
    const { here, tmpdir, look, leftIn } = place(t);
    const pid = await bound(here, `listen ${tmpdir}/a`, `listen ${tmpdir}/b`, `connect ${tmpdir}/a`);
    const { processes } = await look();
    assert.deepEqual(
      processes.get(pid)?.doors?.map(({ peers }) => peers),
      [1, 0],
    );
    const table = await look({ sockets: 1 });
    assert.deepEqual([table.isPartial, table.processes.get(pid)?.doors], [true, undefined]);
    assert.ok(leftIn(table).some((one) => one.pid === 0));
  });

  test('to find where a socket lies: its process may have any session that was not searched', async (t) => {
    const { here, dir, tmpdir, look } = place(t);
    const pid = await bound(here, `chdir ${tmpdir}`, 'listen s', 'chdir /');
    const holds = async (limits = {}) => (await look(limits)).processes.get(pid)?.holds;
    assert.deepEqual(await holds(), [{ dir, what: 'socket', path: join(tmpdir, 's') }]);
    const { uptime } = process;
    let jumps = 0;
    t.mock.method(process, 'uptime', () => uptime() + 3 * jumps++);
    assert.deepEqual(await holds({ ms: Infinity }), [{ dir, what: 'more', path: dir }]);
  });

  test('keeps the session; the next one that has time removes it', async (t) => {
    const { dir, options } = place(t);
    const { uptime } = process;
    let jumps = 0;
    const clock = t.mock.method(process, 'uptime', () => uptime() + 61 * jumps++);
    const held = await release({ ...options, graceMs: 100 });
    clock.mock.restore();
    assert.deepEqual([held.state, held.left.map(({ pid }) => pid), existsSync(dir)], ['held', [0], true]);
    await waitUntil(
      'it is gone',
      async () => (await release({ ...options, graceMs: 100 })).state === 'removed',
    );
    assert.ok(!existsSync(dir));
  });
});
