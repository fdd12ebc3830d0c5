// What makes a unit stay: fresh files, and what is never swept. Whatever else is in it, the first reason counts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { NO_LOOK } from '#src/process/table.js';
import { examine } from '#src/sweep/examine.js';
import { findStale } from '#src/sweep/find-stale.js';
import { HOUR, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

/** The clock of a look in which nothing that is used in two days is in the time to come. */
const now = (): number => Date.now() + 72 * HOUR;
/** Used in 25 hours, so to say. */
const later = (path: string): void => utimesSync(path, (Date.now() + 25 * HOUR) / 1_000, Date.now() / 1_000);
const OLD = { maxAgeMs: 48 * HOUR, now: now(), noted: 'all' } as const;

/** A unit with a file in `a/b`, and what else `script` puts there. */
function unit(t: TestContext, script = ':'): { dir: string; path: string } {
  const { dir } = sandbox(t);
  const path = join(dir, 'unit');
  put(join(path, 'a/b/file'));
  assert.equal(spawnSync('sh', ['-ec', script], { cwd: path }).status, 0);
  return { dir, path };
}

const TABLE: [what: string, script: string, reason: string | undefined][] = [
  ['an old file', ':', undefined],
  ['a link to nothing', 'ln -s nowhere x', undefined],
  ['a FIFO', 'mkfifo a/b/fifo', 'socket-or-device'],
  ['a lock', 'touch a/x.lock', 'lock'],
  ['a directory that is a lock', 'mkdir a/b/Lockfile', 'lock'],
  ['a clock', 'touch a/clock', undefined],
  ['a repository', 'mkdir a/.git', 'repository'],
  ['one of Mercurial, as a file', 'touch a/b/.hg', 'repository'],
  ['a bare repository', 'mkdir -p a/r/objects a/r/refs; touch a/r/HEAD', 'repository'],
  ['the unit as a bare repository', 'mkdir objects refs; touch HEAD', 'repository'],
  ['its names in two directories', 'mkdir -p a/r/objects a/r/refs; touch a/HEAD', undefined],
  [
    'a bare repository with much beside it',
    'mkdir -p r/objects r/refs; touch r/HEAD; cd r; touch $(seq 3000)',
    'repository',
  ],
  ['names that are not UTF-8', 'mkdir "$(printf "\\376")"; touch "$(printf "\\376/\\377")"', undefined],
];
for (const [what, script, expected] of TABLE)
  test(`${what}: ${expected ?? 'may go'}`, async (t) => {
    const { path } = unit(t, script);
    const { reason, bytes, entries } = await examine(path, OLD);
    assert.equal(reason, expected);
    if (!expected) assert.ok(entries >= 4 && bytes >= 0);
  });

test('a file alone is a unit, too', async (t) => {
  const { dir } = sandbox(t);
  const path = put(join(dir, 'file'));
  assert.equal((await examine(path, OLD)).reason, undefined);
  later(path);
  assert.equal((await examine(path, OLD)).reason, 'fresh');
  assert.equal((await examine(put(join(dir, 'x.lock')), OLD)).reason, 'lock');
});

test('a directory tells nothing but where there is no file; what a link leads to tells nothing at all', async (t) => {
  const { dir, path } = unit(t);
  later(join(path, 'a'));
  const link = join(dir, 'linked');
  put(join(link, 'a/file'));
  later(put(join(dir, 'elsewhere/file')));
  symlinkSync(join(dir, 'elsewhere'), join(link, 'to'));
  const empty = join(dir, 'empty');
  mkdirSync(empty);
  const look = async (hours: number, isMoved: boolean) => {
    const reasons: unknown[] = [];
    for (const one of [path, link, empty])
      reasons.push((await examine(one, { maxAgeMs: hours * HOUR, isMoved, now: now() })).reason);
    return reasons;
  };
  assert.deepEqual(await look(48, false), [undefined, undefined, undefined]);
  assert.deepEqual(await look(73, false), ['fresh', 'fresh', 'fresh']);
  assert.deepEqual(await look(73, true), ['fresh', 'fresh', undefined]);
});

test('to the thousandth of a second', async (t) => {
  const { path } = unit(t);
  const at = (Math.floor(Date.now() / 1_000) + 90_000) * 1_000 + 500;
  utimesSync(join(path, 'a/b/file'), at / 1_000, 0);
  const clock = now();
  const look = async (freshAfter: number) =>
    (await examine(path, { maxAgeMs: clock - freshAfter, noted: 'all', now: clock })).reason;
  assert.deepEqual([await look(at - 1), await look(at), await look(at + 1)], ['fresh', undefined, undefined]);
});

test('gone, and what goes or comes while it is looked at', async (t) => {
  const { dir, path } = unit(t);
  assert.equal((await examine(join(dir, 'none'), OLD)).reason, 'gone');
  const changes: [at: RegExp, change: () => void][] = [
    [/\/(a|unit)$/, () => rmSync(path, { recursive: true })],
    [/\/a$/, () => renameSync(join(path, 'a'), join(dir, 'a'))],
    [
      /\/unit$/,
      () => {
        renameSync(path, join(dir, 'away'));
        symlinkSync('away', path);
      },
    ],
  ];
  for (const [at, change] of changes) {
    rmSync(path, { recursive: true, force: true });
    rmSync(join(dir, 'away'), { recursive: true, force: true });
    put(join(path, 'a/b/file'));
    const real = fs.openSync;
    let isDone = false;
    const { mock } = t.mock.method(fs, 'openSync', ((...args: Parameters<typeof real>) => {
      if (!isDone && at.test(String(args[0]))) {
        isDone = true;
        change();
      }
      return real(...args);
    }) as typeof real);
    assert.equal((await examine(path, OLD)).reason, 'fresh', String(change));
    mock.restore();
  }
});

test('time that is up', async (t) => {
  const { path } = unit(t);
  assert.equal((await examine(path, { ...OLD, until: 0 })).reason, 'no-time');
});

test('of many units those that are stale throughout', async (t) => {
  const { dir } = sandbox(t);
  const paths = Array.from({ length: 300 }, (_, at) => join(dir, 'units', `${at}`.padStart(200, 'x')));
  for (const path of paths) put(join(path, 'a/file'));
  later(join(paths[7] as string, 'a/file'));
  t.mock.method(Date, 'now', () => realNow() + 26 * HOUR);
  const { stale, isPartial } = await findStale({ units: paths, table: NO_LOOK, maxAgeMs: 2 * HOUR });
  assert.deepEqual([stale.map(({ path }) => path), isPartial], [paths.filter((_, at) => at !== 7), false]);
});
const realNow = Date.now;
