// When room is short: between finding what is cold and taking it, whoever may write on the way there swaps a directory for a link. What
// lies behind the link is as old, has the same name, and stays.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { evict, takeStep } from '#src/reap/evict.js';
import { findEvictable } from '#src/reap/evictable.js';
import type { ReapInput } from '#src/reap/reap-options.js';
import { tally } from '#src/reap/reap-report.js';
import { HOUR, picture, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const CLAUDE = `claude-${process.getuid?.()}`;
const UNIT = 'project/11111111-1111-1111-1111-111111111111';
const MIB = 1024 ** 2;

/** What claude left in a temp directory, found two hours later. */
async function leavings(t: TestContext) {
  const { dir } = sandbox(t);
  const tmp = join(dir, 'tmp');
  const unit = dirname(put(join(tmp, CLAUDE, UNIT, 'file')));
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
  const input = { legacy: { backends: ['claude'], isTaken: true } } as unknown as ReapInput;
  const cold = await findEvictable({ roots: [], legacyDirs: [tmp] }, [], input);
  assert.deepEqual(
    cold.map(({ path }) => path),
    [unit],
  );
  return { dir, tmp, unit, take: () => takeStep({ ageMs: HOUR, take: cold }, input) };
}

test('it goes', async (t) => {
  const { unit, take } = await leavings(t);
  const { swept, failed } = await take();
  assert.deepEqual([swept.map(({ path }) => path), failed], [[unit], []]);
  assert.equal(existsSync(unit), false);
});

for (const [what, swapped, behind] of [
  ['its parent', `${CLAUDE}/project`, '11111111-1111-1111-1111-111111111111'],
  ['the directory above', CLAUDE, UNIT],
] as const)
  test(`nothing behind a link in the place of ${what}`, async (t) => {
    const { dir, tmp, unit, take } = await leavings(t);
    const elsewhere = join(dir, 'elsewhere');
    mkdirSync(elsewhere);
    put(join(elsewhere, behind, 'precious'));
    const before = picture(elsewhere);
    renameSync(join(tmp, swapped), join(dir, 'away'));
    symlinkSync(elsewhere, join(tmp, swapped));
    assert.ok(existsSync(join(unit, 'precious')), 'a path alone leads there');
    assert.deepEqual(await take(), { outcomes: [], swept: [], failed: [] });
    assert.deepEqual(picture(elsewhere), before);
  });

test('what a sweep took of a thing before is missing from its size already', async (t) => {
  const { dir } = sandbox(t);
  const tmp = join(dir, 'tmp');
  const [colder = '', other = ''] = ['1', '2'].map((digit) => {
    const unit = join(tmp, CLAUDE, 'project', UNIT.slice(8).replaceAll('1', digit));
    put(join(unit, 'file'), 'x'.repeat(MIB));
    return unit;
  });
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
  // One of them is as much as is missing.
  const free = () => 10 * MIB + (existsSync(colder) ? 0 : MIB) + (existsSync(other) ? 0 : MIB);
  const statfs = () => ({ bsize: 1, blocks: 100 * MIB, bfree: free(), bavail: free(), files: 0, ffree: 0 });
  t.mock.method(fs, 'statfsSync', statfs as unknown as typeof fs.statfsSync);
  const watermarks = { low: { bytes: 11 * MIB }, target: { bytes: 11 * MIB } };
  const rest = { roots: [], isDryRun: false, maxAgeMs: 72 * HOUR, watermarks, legacyDirs: [tmp] };
  const input = { ...rest, legacy: { backends: ['claude'], isTaken: true } } as unknown as ReapInput;
  const sum = tally(false, () => {});
  sum.addSwept([{ path: join(colder, 'swept'), reason: 'stale', bytes: MIB, entries: 1 }]);
  await evict([], input, sum);
  assert.deepEqual([existsSync(colder), existsSync(other)], [false, true]);
  assert.deepEqual(
    sum.report.pressure.map(({ swept, isEnough }) => [swept, isEnough]),
    [[1, true]],
  );
});

test('the mounts are not read again for each of many', async (t) => {
  const { dir } = sandbox(t);
  const input = { legacy: { backends: ['claude'], isTaken: true } } as unknown as ReapInput;
  const read = t.mock.method(fs, 'readFileSync');
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
  const readsFor = async (count: number) => {
    const tmp = join(dir, `${count}`);
    for (let at = 0; at < count; at += 1) put(join(tmp, `claude-${1000 + at}-cwd`));
    read.mock.resetCalls();
    const cold = await findEvictable({ roots: [], legacyDirs: [tmp] }, [], input);
    assert.equal(cold.length, count);
    return read.mock.calls.filter(({ arguments: [path] }) => path === '/proc/self/mountinfo').length;
  };
  assert.equal(await readsFor(50), await readsFor(1));
});
