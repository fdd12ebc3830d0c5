// Of what commands left in their TMPDIR no name tells whose it is. So it is not taken out of a repository, nor
// while somebody works there, nor because room is short.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { takeTable } from '#src/process/take-table.js';
import { findEvictable } from '#src/reap/evictable.js';
import type { ReapInput } from '#src/reap/reap-options.js';
import { findShapes, otherEntries } from '#src/sweep/find-units.js';
import { sweep } from '#src/sweep/sweep.js';
import { takeUnits } from '#src/sweep/take-units.js';
import { deadClaim } from '../helpers/claims.js';
import { outsider, stranger } from '../helpers/outsider.js';
import { HOUR, killed, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const CLAUDE = `claude-${process.getuid?.()}`;
const SESSION = `${CLAUDE}/p/01234567-89ab-4def-8123-456789abcdef`;
const FILES = ['notes.md', 'tmp.AbCdEfGhIj'].map((name) => `${CLAUDE}/${name}`);
const OWN = [`${CLAUDE}/cwd-01ab`, SESSION];
const { legacy } = profileNamed('claude');
const maxAgeMs = HOUR;

/** A temp directory with what claude and its commands left there, two hours ago; each must be below it. */
function leavings(t: TestContext, here: Scene) {
  const dir = join(here.box.dir, 't');
  for (const path of [...FILES, `${CLAUDE}/cwd-01ab`, `${SESSION}/file`]) put(join(dir, path));
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
  const look = () => takeTable({ roots: [], dirs: new Set([dir]) });
  const below = (units: { path: string }[]) => units.map(({ path }) => path.slice(dir.length + 1)).sort();
  return {
    dir,
    sweep: async (isDryRun = false) =>
      below((await sweep({ dir, base: dir, patterns: legacy, maxAgeMs, isDryRun, look })).swept),
    /** What was found before goes now. */
    take: async (paths: string[], shapes?: ReturnType<typeof findShapes>) => {
      const units = paths.map((path) => ({ path, reason: 'stale', bytes: 0, entries: 1 }));
      return below((await takeUnits(units, { base: dir, maxAgeMs, ...(shapes && { shapes }) })).swept);
    },
    left: () => [...FILES, ...OWN].filter((path) => existsSync(join(dir, path))).sort(),
  };
}

const ALL = [...FILES, ...OWN].sort();
const REPOSITORIES: [what: string, files: string[]][] = [
  ['a .git', ['.git/HEAD']],
  ["a worktree's .git file", ['.git']],
  ['a .hg', ['.hg/requires']],
  ['a bare repository', ['HEAD', 'objects/x', 'refs/x']],
];

describe('in a repository they stay', () => {
  for (const [what, files] of REPOSITORIES) {
    test(what, async (t) => {
      const { dir, ...here } = leavings(t, scene(t));
      for (const file of files) put(join(dir, CLAUDE, file));
      assert.deepEqual(await here.sweep(true), OWN);
      assert.deepEqual([await here.sweep(), here.left()], [OWN, FILES]);
      for (const file of files) assert.ok(existsSync(join(dir, CLAUDE, file)), file);
    });

    test(`${what}, made after they were found`, async (t) => {
      const { dir, ...here } = leavings(t, scene(t));
      const shapes = findShapes(dir, legacy);
      for (const file of files) put(join(dir, CLAUDE, file));
      assert.deepEqual(await here.take([...shapes.keys()], shapes), OWN);
      assert.deepEqual(here.left(), FILES);
    });

    test(`${what}, made before a remover died that had claimed one`, async (t) => {
      const { dir, ...here } = leavings(t, scene(t));
      put(join(dir, CLAUDE, `.qw-trash.${deadClaim()}`, 'claimed'));
      for (const file of files) put(join(dir, CLAUDE, file));
      assert.deepEqual(await here.sweep(), OWN);
      assert.ok(existsSync(join(dir, CLAUDE, 'claimed')));
    });
  }

  test('a TMPDIR that became one after its other entries were found: they stay, too', async (t) => {
    const { dir, ...here } = leavings(t, scene(t));
    const others = otherEntries(dir, []);
    assert.deepEqual(others, [join(dir, CLAUDE)]);
    put(join(dir, '.git/HEAD'));
    assert.deepEqual([await here.take(others), here.left()], [[], ALL]);
  });

  test('the empty .git of a sandbox makes none', async (t) => {
    const here = leavings(t, scene(t));
    mkdirSync(join(here.dir, CLAUDE, '.git'));
    assert.deepEqual([await here.sweep(), here.left()], [ALL, []]);
  });
});

describe('they stay while somebody works there', () => {
  const script = 'console.log("ready"); setInterval(() => {}, 60_000)';
  const inside = (here: Scene, tmpdir: string) =>
    stranger(here, 'sh', ['-c', 'TMPDIR="$0" exec "$@"', tmpdir, process.execPath, '-e', script]);
  for (const [what, start] of [
    ['in the directory', (here: Scene, dir: string) => outsider(here, 'cwd', dir)],
    ['with this TMPDIR', inside],
    ['with this TMPDIR, and a slash', (here: Scene, dir: string) => inside(here, `${dir}/`)],
  ] as const)
    test(what, async (t) => {
      const around = scene(t);
      const { dir, ...here } = leavings(t, around);
      const pid = await start(around, join(dir, CLAUDE));
      assert.deepEqual(await here.sweep(true), OWN);
      const shapes = findShapes(dir, legacy);
      assert.deepEqual(await here.take([...shapes.keys()], shapes), OWN, 'who came since the first look');
      put(join(dir, CLAUDE, `.qw-trash.${deadClaim()}`, 'claimed'));
      assert.deepEqual([await here.sweep(), here.left()], [[], FILES]);
      assert.ok(existsSync(join(dir, CLAUDE, 'claimed')));
      await killed(pid);
      assert.deepEqual([await here.sweep(), here.left()], [[...FILES, `${CLAUDE}/claimed`].sort(), []]);
    });

  test('not for who is in the directory above', async (t) => {
    const around = scene(t);
    const { dir, ...here } = leavings(t, around);
    await outsider(around, 'cwd', dir);
    assert.deepEqual(await here.sweep(), ALL);
  });
});

test('room is short: they are no part of what is taken for it', async (t) => {
  const { dir } = leavings(t, scene(t));
  const input = { legacy: { backends: ['claude'], isTaken: true } } as unknown as ReapInput;
  const cold = await findEvictable({ roots: [], legacyDirs: [dir] }, [], input);
  assert.deepEqual(
    cold.map(({ path }) => path.slice(dir.length + 1)),
    OWN,
  );
});
