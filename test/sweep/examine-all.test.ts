// What find(1) says of many units is what we say of each; where it cannot, or sees less, it is not relied on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, lstatSync, lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { NO_LOOK } from '#src/process/snapshot.js';
import { examine } from '#src/sweep/examine.js';
import { findingsByFind } from '#src/sweep/examine-by-find.js';
import { findStale } from '#src/sweep/find-stale.js';
import { HOUR, put } from '../helpers/reaping.js';
import { type Sandbox, sandbox } from '../helpers/sandbox.js';
import { script, useStandIns } from '../helpers/stand-ins.js';

const noFind =
  spawnSync('find', ['/dev/null', '-newerct', '@0', '-printf', '%y']).stdout?.toString() !== 'c' &&
  'no GNU find';
const tomorrow = (): number => Date.now() + 24 * HOUR;
/** The clock of a look in which nothing that is used in two days is in the time to come. */
const now = (): number => Date.now() + 72 * HOUR;
/** Used in 25 hours, so to say. */
const later = (path: string): void => utimesSync(path, (Date.now() + 25 * HOUR) / 1_000, Date.now() / 1_000);

/** Units by name, each with some files; those of `fresh` were used later, the others now. */
function units(t: TestContext, names: readonly string[], { files = 2, fresh = [] as string[] } = {}) {
  const box = sandbox(t);
  const paths = names.map((name) => join(box.dir, 'units', name));
  for (const path of paths) for (let file = 0; file < files; file += 1) put(join(path, `a/b/${file}`));
  for (const name of fresh) later(join(box.dir, 'units', name, 'a/b/1'));
  return { box, paths };
}

const ODD = [
  'plain',
  'clock',
  'x.lock',
  'Lockfile',
  ...['.git', '.hg', '.jj', '.svn', '.sl', '.gitignore'],
  ...['HEAD', 'objects', 'refs'],
  '-delete',
  'a b\nc',
  '!name x.lock',
  '0 8',
  'größe',
];
const name = fc.constantFrom(...ODD);
const hours = fc.constantFrom(undefined, undefined, -100, 10, 47, 48, 49, 500);
const thing = fc.record({
  path: fc.array(name, { minLength: 0, maxLength: 3 }),
  kind: fc.constantFrom(
    ...(['file', 'file', 'file', 'directory', 'link', 'second name', 'fifo'] as const),
    ...(['bare', 'nearly bare'] as const),
  ),
  /** Hours from today; none: now. */
  atime: hours,
  mtime: hours,
});

/** What cannot be made, because something is in its place already, is left out. */
function make(
  unit: string,
  { path, kind, atime, mtime }: typeof thing extends fc.Arbitrary<infer T> ? T : never,
): void {
  const at = join(unit, ...path);
  try {
    mkdirSync(kind === 'directory' ? at : dirname(at), { recursive: true });
    if (kind === 'bare') for (const name of ['refs', 'objects', 'HEAD']) put(join(at, name, 'x'));
    if (kind === 'nearly bare')
      for (const name of ['refs', 'objects/HEAD', 'HEADS']) put(join(at, name, 'x'));
    if (kind === 'file') writeFileSync(at, 'x'.repeat(path.length * 5_000), { flag: 'wx' });
    if (kind === 'link') symlinkSync('/nonexistent', at); // what is put below it must not lead out of here
    if (kind === 'second name') linkSync(join(unit, 'plain'), at);
    if (kind === 'fifo') spawnSync('mkfifo', [at]);
    const time = (ofIt?: number) => (Date.now() + (ofIt ?? 0) * HOUR) / 1_000;
    if (atime ?? mtime) lutimesSync(at, time(atime), time(mtime));
  } catch {
    // it is there
  }
}

test('it says what we say, whatever is in the units', { skip: noFind }, async (t) => {
  const { dir } = sandbox(t);
  let round = 0;
  const property = fc.asyncProperty(
    fc.array(fc.array(thing, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
    fc.boolean(),
    fc.constantFrom(tomorrow(), 0),
    fc.constantFrom('all', 'daily', 'none'),
    async (all, isMoved, freshAfter, noted) => {
      round += 1;
      const paths = all.map((things, at) => {
        const unit = join(dir, `${round}`, `unit ${at}`);
        mkdirSync(dirname(unit), { recursive: true });
        for (const one of things) make(unit, one);
        if (!lstatSync(unit, { throwIfNoEntry: false })) mkdirSync(unit);
        return unit;
      });
      const options = { freshAfter, isMoved, noted, now: now() } as const;
      const found = await findingsByFind(paths, options);
      for (const [at, path] of paths.entries()) {
        const { reason, bytes, entries } = await examine(path, options);
        const finding = found[at];
        assert.ok(finding);
        assert.equal(finding.reason === undefined, reason === undefined, `${finding.reason} ${reason}`);
        if (reason === undefined) assert.deepEqual(finding, { bytes, entries });
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('a directory tells nothing but where there is no file; what a link leads to tells nothing at all', {
  skip: noFind,
}, async (t) => {
  const { box, paths } = units(t, ['directory', 'link']);
  for (const path of paths) later(join(path, 'a'));
  later(put(join(box.dir, 'elsewhere/file')));
  symlinkSync(join(box.dir, 'elsewhere'), join(paths[1] as string, 'to'));
  const empty = join(box.dir, 'units/empty');
  mkdirSync(empty);
  const look = async (freshAfter: number, isMoved: boolean) =>
    (await findingsByFind([...paths, empty], { freshAfter, isMoved, now: now() })).map((it) => it?.reason);
  assert.deepEqual(await look(tomorrow(), false), [undefined, undefined, undefined]);
  assert.deepEqual(await look(Date.now() - HOUR, false), ['fresh', 'fresh', 'fresh']);
  assert.deepEqual(await look(Date.now() - HOUR, true), ['fresh', 'fresh', undefined]);
});

test('to the thousandth of a second', { skip: noFind }, async (t) => {
  const { paths } = units(t, ['a'], { files: 1 });
  const at = (Math.floor(Date.now() / 1_000) + 90_000) * 1_000 + 500;
  utimesSync(join(paths[0] as string, 'a/b/0'), at / 1_000, 0);
  const look = async (freshAfter: number) =>
    (await findingsByFind(paths, { freshAfter, noted: 'all', now: now() }))[0]?.reason;
  assert.deepEqual([await look(at - 1), await look(at), await look(at + 1)], ['fresh', undefined, undefined]);
});

test('more units than fit on a command line', async (t) => {
  const names = Array.from({ length: 800 }, (_, at) => `${'x'.repeat(250)}${at}`);
  const { paths } = units(t, names, { files: 1 });
  const last = paths.at(-1) as string;
  later(join(last, 'a/b/0'));
  inAnotherTime(t);
  const stale = await findStale({ units: paths, snapshot: NO_LOOK, maxAgeMs: 2 * HOUR });
  assert.deepEqual(
    stale.map(({ path }) => path),
    paths.slice(0, -1),
  );
});

/** Each unit there, but nothing of what is in it. */
const SEES_LITTLE = `for one; do case $one in /*) printf 'd0 8\\0' ;; esac; done; exit 1`;
const ALL_USED = `for one; do case $one in /*) printf 'd0 8\\0u1\\0' ;; esac; done`;

for (const [what, lines, expected] of [
  ['that works', undefined, ['a', 'c']],
  ['that knows none of this', 'echo "find: unrecognized: -newerct" >&2; exit 1', ['a', 'c']],
  ['that is killed', 'kill -9 $$', ['a', 'c']],
  ['that says nothing', ':', ['a', 'c']],
  ['that says something else', 'echo x; printf "what\\0d0 what\\0"', ['a', 'c']],
  ['that complains', SEES_LITTLE, ['a', 'c']],
  ['that finds all in use: its answer keeps', ALL_USED, []],
] as const)
  test(`what takes long to look through, with a find ${what}`, async (t) => {
    const { box, paths } = units(t, ['a', 'b', 'c', 'd'], { fresh: ['b', 'd'] });
    if (lines) useFind(t, box, lines);
    inAnotherTime(t);
    const stale = await findStale({ units: paths, snapshot: NO_LOOK, maxAgeMs: 2 * HOUR });
    assert.deepEqual(
      stale.map(({ path }) => basename(path)),
      expected,
    );
  });

/** A day later, and everything takes long. */
function inAnotherTime(t: TestContext): void {
  t.mock.method(Date, 'now', () => realNow() + 26 * HOUR);
  t.mock.method(performance, 'now', () => elapsed() * 10_000);
}

const elapsed = performance.now.bind(performance);
const realNow = Date.now;

/** A find of our own. */
function useFind(t: TestContext, { dir }: Sandbox, lines: string): void {
  const bin = join(dir, 'bin');
  script(bin, 'find', lines);
  useStandIns(t, bin);
}
