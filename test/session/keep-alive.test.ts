// What keeps a session's directory there never becomes a burden itself: what cannot be made again is looked at now and then, and no fault
// of a look reaches the process.
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { repoRoot } from '../helpers/paths.js';
import { forge, leaseOf, put } from '../helpers/reaping.js';
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

/** Beats every 50 ms instead of every 10 minutes; `what` happens after the first one, `isOver` is asked after two more. */
async function beats(box: { root: string }, dir: string, what: string, isOver: string) {
  const script = `const real = setInterval;
    globalThis.setInterval = (call, ms) => real(call, ms / 12_000);
    const { keepAlive } = await import('#src/session/keep-alive.js');
    const fs = await import('node:fs');
    const [root, dir] = ${JSON.stringify([box.root, dir])};
    const beat = () => fs.statSync(dir + '/lease.json').mtimeMs;
    let last = beat(), seen = 0;
    keepAlive({ root, dir, lease: () => ({}), isWanted: () => false });
    real(() => {
      if (beat() === last) return;
      last = beat();
      seen += 1;
      if (seen === 1) { ${what}; last = beat(); }
      if (seen >= 3 && ${isOver}) process.exit();
    }, 5);`;
  return run('--input-type=module', ['-e', script], { cwd: repoRoot, env: process.env });
}

test('the marker of the root is put back where only it was removed', async (t) => {
  const { box } = scene(t);
  const { dir } = forge(box, 'abcd1234', { lease: leaseOf('abcd1234') });
  const marker = readFileSync(join(box.root, '.qw-root'), 'utf8');
  const { code, stderr } = await beats(
    box,
    dir,
    `fs.unlinkSync(root + '/.qw-root')`,
    `fs.existsSync(root + '/.qw-root')`,
  );
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(readFileSync(join(box.root, '.qw-root'), 'utf8'), marker);
  assert.equal(lstatSync(join(box.root, '.qw-root')).mode & 0o7777, 0o1600);
});

test('no marker is put into a directory that took the place of the root, nor over one that is there', async (t) => {
  const { box } = scene(t);
  const { dir } = forge(box, 'abcd1234', { lease: leaseOf('abcd1234') });
  const swap = `fs.renameSync(root, root + '-away');
    fs.cpSync(root + '-away', root, { recursive: true }); fs.rmSync(root + '/.qw-root')`;
  const swapped = await beats(box, dir, swap, 'true');
  assert.deepEqual([swapped.code, swapped.stderr], [0, '']);
  assert.equal(existsSync(join(box.root, '.qw-root')), false);
  makeRoot(box.root);
  const spoilt = await beats(box, dir, `fs.truncateSync(root + '/.qw-root')`, 'true');
  assert.deepEqual([spoilt.code, spoilt.stderr], [0, '']);
  assert.equal(readFileSync(join(box.root, '.qw-root'), 'utf8'), '');
});
