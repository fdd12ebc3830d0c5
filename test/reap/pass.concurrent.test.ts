// Several reapers at once, and reapers that are killed: each session is removed once, by one; in its place it is whole or
// gone; and the next pass finishes what was begun.
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { quietly } from '#src/fs.js';
import { childrenOf, start } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { slowRm } from '../helpers/slow-rm.js';
import { waitUntil } from '../helpers/wait-until.js';

const { forge, killed, leaseOf, leaveToRm, reapOnce } = reaping;
const ID = 'dead1234';

const reaper = ({ options }: Scene, env: NodeJS.ProcessEnv = {}) =>
  start(qwTmp, ['reap', '--json'], { ...options, env: { ...options.env, ...env } });
const isWorkedIn = (dir: string): boolean =>
  readdirSync('/proc').some((pid) => quietly(() => readlinkSync(`/proc/${pid}/cwd`))?.startsWith(dir));

const trash = ({ box }: Scene): string[] => {
  const dir = join(box.root, '.trash');
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
};

test('three reapers remove each of 60 orphans once, leave the living alone and fail in nothing', async (t) => {
  const here = scene(t);
  const live = await reaping.openWith(here, ['--no-watchdog'], 'echo "ready $$ "; exec sleep 600');
  const names = Array.from({ length: 60 }, (_, number) => `dead00${String(number).padStart(2, '0')}`);
  const owner = reaping.deadOwner();
  for (const id of names)
    forge(here.box, id, { lease: leaseOf(id, { owner }), files: ['a', 'b/c', 'b/d/e'] });
  const all = await Promise.all([reapOnce(here), reapOnce(here), reapOnce(here)]);
  assert.deepEqual(
    all.map(({ code, signal, stderr, report }) => [code, signal, stderr, report.failed]),
    all.map(() => [0, null, '', []]),
  );
  // Who looks into a session in the very moment when another one has claimed it is a user of it: then it is the next pass's.
  const last = await reapOnce(here);
  assert.deepEqual([...all, last].flatMap(({ ids }) => ids).sort(), names);
  for (const { report } of all) {
    const kept = report.kept.filter(({ id }) => id !== live.id);
    assert.ok(kept.every(({ reason }) => reason === 'in-use'));
    assert.equal(report.kept.length, kept.length + 1);
  }
  assert.deepEqual(here.box.left(), [live.id]);
});

test('what a living reaper is removing is left to it by the others', async (t) => {
  const here = scene(t);
  const { env, isRunning, release } = slowRm(here);
  leaveToRm(forge(here.box, ID, { lease: leaseOf(ID) }));
  const first = reaper(here, env);
  await isRunning();
  const before = trash(here);
  const { report, code } = await reapOnce(here);
  assert.deepEqual([code, report.removed, report.kept, report.failed], [0, [], [], []]);
  assert.deepEqual(trash(here), before);
  assert.equal(before.length, 1);
  release();
  const { code: firstCode, stdout } = await first.done;
  assert.deepEqual([firstCode, JSON.parse(stdout).removed[0].id], [0, ID]);
  here.nothingLeft();
});

describe('a reaper SIGKILLed', { concurrency: 2 }, () => {
  for (const [when, first] of [
    ['between the rename and rm', ':'],
    ['in the middle of rm', 'PATH=/usr/bin:/bin rm -rf "$tree/a"'],
  ] as const) {
    test(`${when} leaves nothing in place, and the next pass finishes`, async (t) => {
      const here = scene(t);
      const { env, isRunning, release } = slowRm(here, first);
      t.after(release);
      leaveToRm(forge(here.box, ID, { lease: leaseOf(ID), files: ['a/b', 'e/f'] }), 'c/d');
      const { pid } = reaper(here, env);
      await isRunning();
      const removers = childrenOf(pid);
      await killed(pid);
      for (const remover of removers) await killed(remover);
      // What they had started works in the session's directory, and holds it, for a moment longer.
      await waitUntil('nobody works in the trash', () => !isWorkedIn(join(here.box.root, '.trash')));
      assert.ok(!existsSync(join(here.box.root, ID)));
      assert.equal(trash(here).length, 1);
      assert.ok(existsSync(join(trash(here)[0] ?? '', 'tmp/c/d')));
      assert.ok(existsSync(join(trash(here)[0] ?? '', 'lease.json')), 'the lease goes last');
      const { code, report } = await reapOnce(here);
      assert.deepEqual([code, report.failed], [0, []]);
      here.nothingLeft();
    });
  }
});

describe('a reaper SIGKILLed while it removes 3,000 files', () => {
  const begins = (here: Scene) => trash(here).length > 0 && directories(here) < 20;
  const moments: [when: string, isNow: (here: Scene) => unknown, killsRm: boolean][] = [
    ['when it has claimed the session', (here) => trash(here).length > 0, true],
    ['when files begin to go', begins, true],
    ['when files begin to go, its rm left alone', begins, false],
  ];
  for (const [when, isNow, killsRm] of moments) {
    test(`${when}: in place all or nothing, and the next pass finishes`, async (t) => {
      const here = scene(t);
      const { dir, tmpdir } = forge(here.box, ID, { lease: leaseOf(ID), files: [] });
      for (let n = 0; n < 20; n += 1) mkdirSync(join(tmpdir, `d${n}`));
      for (let n = 0; n < 3_000; n += 1) closeSync(openSync(join(tmpdir, `d${n % 20}`, `${n}`), 'w'));
      const { pid, child } = reaper(here);
      const isOver = () => child.exitCode !== null; // too fast for us: what is asked holds all the same
      await waitUntil(when, () => isNow(here) || isOver(), { everyMs: 1 });
      if (!isOver()) {
        kill(pid, 'SIGSTOP');
        const removers = childrenOf(pid);
        await killed(pid);
        if (killsRm) for (const remover of removers) await killed(remover);
      }
      if (existsSync(dir)) assert.equal(readdirSync(dir, { recursive: true }).length, 3_022);
      assert.ok(trash(here).length + Number(existsSync(dir)) <= 1);
      // An rm that was left alone is a user of it as long as it runs.
      await waitUntil('a pass finishes it', async () => {
        const { code, report } = await reapOnce(here);
        assert.deepEqual([code, report.failed], [0, []]);
        return here.box.left().length === 0;
      });
      here.nothingLeft();
    });
  }
});

/** Directories of the big tree that are still there. */
function directories(here: Scene): number {
  try {
    return readdirSync(join(trash(here)[0] ?? '', 'tmp')).length;
  } catch {
    return 0;
  }
}
