// What keeps a session's directory there never becomes a burden itself: what cannot be made again is looked at now and then, and no fault
// of a look reaches the process.
import assert from 'node:assert/strict';
import { lstatSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { repoRoot } from '../helpers/paths.js';
import { forge, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

/** ms from the first to the fifth time that it is asked; its interval (50 s) is 100 ms here. */
async function fiveLooks(t: Parameters<typeof scene>[0], isWanted: string): Promise<number> {
  const { box, options } = scene(t);
  const script = `const real = setTimeout;
    globalThis.setTimeout = (call, ms) => real(call, ms / 500);
    const { keepAlive } = await import('#src/session/keep-alive.js');
    const asked = [];
    const isWanted = () => {
      if (asked.push(performance.now()) === 5) { console.log(asked[4] - asked[0]); process.exit(); }
      ${isWanted} };
    const dir = ${JSON.stringify(`${box.dir}/none/root/abcd1234`)};
    keepAlive({ root: dir.slice(0, -9), dir, lease: () => ({}), isWanted });
    real(() => {}, 600_000);`;
  const { code, stdout, stderr } = await run('--input-type=module', ['-e', script], {
    ...options,
    cwd: repoRoot,
  });
  assert.deepEqual([code, stderr], [0, '']);
  return Number(stdout);
}

for (const [what, isWanted] of [
  ['is gone and not wanted any more', 'return false'],
  ['is gone and cannot be made again', 'return true'],
  [
    'cannot be asked about, out of descriptors',
    `throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })`,
  ],
] as const)
  test(`a session directory that ${what} is looked at now and then`, async (t) => {
    const ms = await fiveLooks(t, isWanted);
    assert.ok(ms > 200, `five looks within ${ms} ms`);
  });

test('the heartbeat touches no file that a link in the place of the lease leads to', async (t) => {
  const { box, options } = scene(t);
  const { dir } = forge(box, 'abcd1234');
  const target = put(join(box.dir, 'theirs'));
  symlinkSync(target, join(dir, 'lease.json'));
  utimesSync(target, 1_000, 2_000);
  const script = `const real = setInterval;
    globalThis.setInterval = (call, ms) => real(call, ms / 12_000); // every 10 minutes: every 50 ms
    const { keepAlive } = await import('#src/session/keep-alive.js');
    const { lstatSync } = await import('node:fs');
    const dir = ${JSON.stringify(dir)};
    const before = lstatSync(dir + '/lease.json').mtimeMs;
    keepAlive({ root: ${JSON.stringify(box.root)}, dir, lease: () => ({}), isWanted: () => false });
    real(() => { if (lstatSync(dir + '/lease.json').mtimeMs > before) process.exit(); }, 10);`;
  const { code, stderr } = await run('--input-type=module', ['-e', script], { ...options, cwd: repoRoot });
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(lstatSync(target).mtimeMs, 2_000_000);
});
