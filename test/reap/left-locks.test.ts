// Lock files that killed owners left: a pass takes those that nobody holds and nobody will hold again, and nothing else.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { heldBy, lockOf, noFlock, SELDOM } from '../helpers/locks.js';
import { deadOwner, HOUR, openWith, put, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const DEAD = deadOwner();
const OF_DEAD = `.lock-${DEAD.pid}-1-${DEAD.pidNamespace}`;
const ELSEWHERE = '.lock-1-1-1';

const old = (path: string, ageMs: number): string => {
  utimesSync(path, (Date.now() - ageMs) / 1_000, (Date.now() - ageMs) / 1_000);
  return path;
};

describe('a pass', { concurrency: 2, skip: noFlock() }, () => {
  test('takes what a dead owner left, at once; what is of elsewhere when it is old', async (t) => {
    const here = scene(t);
    const { root } = here.box;
    const { wrapper } = await openWith(here, [], 'echo "ready $$ "; exec sleep 600');
    old(put(join(root, OF_DEAD), ''), 2 * 60_000);
    put(join(root, '.lock-1-2-1'), ''); // of elsewhere, and young
    old(put(join(root, ELSEWHERE), ''), 73 * HOUR);
    old(join(root, lockOf(wrapper.pid)), 71 * HOUR);
    await reapOnce(here, ['--dry-run']);
    assert.ok(existsSync(join(root, OF_DEAD)), 'a dry run takes nothing');
    await reapOnce(here);
    assert.deepEqual(
      readdirSync(root)
        .filter((name) => name.startsWith('.lock'))
        .sort(),
      ['.lock-1-2-1', lockOf(wrapper.pid)].sort(),
    );
    wrapper.child.kill('SIGTERM');
    await wrapper.done;
  });

  test('leaves what is held, of any age, and what is no lock of ours', async (t) => {
    const here = scene(t);
    const { root } = here.box;
    const { wrapper } = await openWith(here, [], 'echo "ready $$ "; exec sleep 600');
    const held = old(put(join(root, OF_DEAD), ''), 99 * HOUR);
    const own = old(join(root, lockOf(wrapper.pid)), 99 * HOUR);
    const holder = spawn('flock', ['-x', held, 'sleep', '600'], { detached: true });
    t.after(() => process.kill(-(holder.pid as number), 'SIGKILL'));
    await waitUntil(
      'both are held',
      () => heldBy(held) === 'exclusive' && heldBy(own) === 'exclusive',
      SELDOM,
    );
    const precious = old(put(join(here.box.dir, 'precious')), 99 * HOUR);
    symlinkSync(precious, join(root, '.lock-1-3-1'));
    mkdirSync(join(root, '.lock-1-4-1'));
    spawnSync('mkfifo', [join(root, '.lock-1-5-1')]);
    for (const name of ['.lock-1-6', '.lock-x', '.locked', 'x.lock-1-1-1'])
      old(put(join(root, name)), 99 * HOUR);
    const before = readdirSync(root).sort();
    const { report } = await reapOnce(here);
    assert.deepEqual([report.failed, report.removed], [[], []]);
    assert.deepEqual(readdirSync(root).sort(), before);
    assert.ok(existsSync(precious));
    wrapper.child.kill('SIGTERM');
    await wrapper.done;
  });
});
