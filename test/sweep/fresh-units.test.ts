// What find(1) says of fresh files only keeps units, and only those that we would keep ourselves.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NO_LOOK } from '#src/process/snapshot.js';
import { freshUnits } from '#src/sweep/fresh-units.js';
import { findStale } from '#src/sweep/sweep-units.js';
import { HOUR, put } from '../helpers/reaping.js';
import { type Sandbox, sandbox } from '../helpers/sandbox.js';

/** Units by name, each with some files; those of `fresh` were used in two days, so to say, the others now. */
function units(t: TestContext, names: readonly string[], { files = 2, fresh = [] as string[] } = {}) {
  const box = sandbox(t);
  const paths = names.map((name) => join(box.dir, 'units', name));
  for (const path of paths) for (let file = 0; file < files; file += 1) put(join(path, `a/b/${file}`));
  for (const name of fresh) later(join(box.dir, 'units', name, 'a/b/1'));
  return { box, paths };
}

const later = (path: string): void => utimesSync(path, (Date.now() + 48 * HOUR) / 1_000, Date.now() / 1_000);
const tomorrow = (): number => Date.now() + 24 * HOUR;

test('names units with a fresh file, however deep and whatever they are called', async (t) => {
  const names = ['plain', '-delete', 'a b\nc', '(', '!', 'größe', 'stale'];
  const { paths } = units(t, names, { fresh: names.slice(0, -1) });
  assert.deepEqual([...(await freshUnits(paths, tomorrow()))].sort(), paths.slice(0, -1).sort());
});

test('neither a directory nor what a link leads to makes a unit fresh', async (t) => {
  const { box, paths } = units(t, ['directory', 'link']);
  later(join(paths[0] as string, 'a'));
  put(join(box.dir, 'elsewhere/file'));
  later(join(box.dir, 'elsewhere/file'));
  symlinkSync(join(box.dir, 'elsewhere'), join(paths[1] as string, 'to'));
  assert.deepEqual([...(await freshUnits(paths, tomorrow()))], []);
});

test('more units than fit on a command line', async (t) => {
  const names = Array.from({ length: 600 }, (_, at) => `${'x'.repeat(200)}${at}`);
  const { paths } = units(t, names, { files: 1 });
  const last = paths.at(-1) as string;
  later(join(last, 'a/b/0'));
  assert.deepEqual([...(await freshUnits(paths, tomorrow()))], [last]);
});

const NAMES_ALL = `for one; do case $one in /*) printf '%s\\0' "$one" ;; esac; done`;

for (const [what, script, expected] of [
  ['that works', undefined, ['a', 'c']],
  ['that knows none of this', 'echo "find: unrecognized: -newerct" >&2; exit 1', ['a', 'c']],
  ['that is killed', 'kill -9 $$', ['a', 'c']],
  ['that names nothing', ':', ['a', 'c']],
  ['that names all: its answer keeps', NAMES_ALL, []],
] as const)
  test(`what takes long to look through, with a find ${what}`, async (t) => {
    const { box, paths } = units(t, ['a', 'b', 'c', 'd'], { fresh: ['b', 'd'] });
    if (script) useFind(t, box, script);
    t.mock.method(Date, 'now', () => realNow() + 26 * HOUR);
    t.mock.method(performance, 'now', () => elapsed() * 10_000);
    const { stale, isPartial } = await findStale({ units: paths, snapshot: NO_LOOK, maxAgeMs: 2 * HOUR });
    assert.deepEqual([stale.map(({ path }) => basename(path)), isPartial], [expected, false]);
  });

const elapsed = performance.now.bind(performance);
const realNow = Date.now;

/** A program of this name before the real one. */
function useFind(t: TestContext, { dir }: Sandbox, script: string): void {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'find'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const { PATH } = process.env;
  process.env['PATH'] = `${bin}:${PATH}`;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}
