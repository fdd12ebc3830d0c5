// Things are moved out of their place and back. An agent in a sandbox may write where its units are and not elsewhere: it swaps a
// directory on the way for a link to where only we may write, and nothing there moves.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { codeOf, fs } from '#src/fs.js';
import { type Claims, claimIn, type Thing, UNIT_CLAIM } from '#src/take/claim.js';
import { giveBack, leaveShelf } from '#src/take/give-back.js';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const UNIT = 'abcd1234/tmp/claude-1000/project/unit';
const isRoot = process.getuid?.() === 0 && 'root may write everywhere';

/** A unit below a root, and a directory elsewhere that has one of the same name. */
function places(t: TestContext) {
  const { box } = scene(t);
  const { root } = box;
  mkdirSync(root, { mode: 0o700 });
  const unit = dirname(put(join(root, UNIT, 'file')));
  const elsewhere = join(box.dir, 'elsewhere');
  put(join(elsewhere, 'unit/file'));
  put(join(elsewhere, 'project/unit/file'));
  const swap = (dir: string) => {
    renameSync(dir, `${dir}-away`);
    symlinkSync(elsewhere, dir);
  };
  const claim = (...paths: string[]): Claims => {
    const things = paths.map((path): Thing => ({ kind: 'unit', path, base: root }));
    const taken = claimIn(things as [Thing, ...Thing[]]);
    t.after(taken.close);
    return taken;
  };
  const claimSession = (): Claims => {
    const taken = claimIn([{ kind: 'session', path: join(root, 'abcd1234'), base: root }]);
    t.after(taken.close);
    return taken;
  };
  return { root, unit, elsewhere, swap, claim, claimSession };
}

const backed = ({ claims, origin }: Claims): boolean[] => claims.map((claim) => giveBack(claim, origin));

test('a session whose trash goes in the very moment is not told to be gone', (t) => {
  const { root, unit, claimSession } = places(t);
  const { lstatSync: look } = fs;
  t.mock.method(fs, 'lstatSync', (...args: Parameters<typeof look>) => {
    rmSync(join(root, '.trash'), { recursive: true, force: true });
    return look(...args);
  });
  const { claims, unclaimed } = claimSession();
  assert.deepEqual([claims.length, unclaimed.map(({ error }) => codeOf(error))], [0, ['ESTALE']]);
  assert.ok(existsSync(unit));
});

test('a link in the place of a session is not moved, and what it leads to keeps its tmp', async (t) => {
  const here = scene(t);
  const thesis = put(join(here.box.dir, 'project/tmp/thesis'));
  const project = dirname(dirname(thesis));
  const swap = `d=$(dirname "$TMPDIR"); mv "$d" "$d-away"; ln -s '${project}' "$d"`;
  const { code } = await run(qwRun, ['--no-watchdog', '--', 'sh', '-c', swap], here.options);
  assert.deepEqual([code, existsSync(thesis)], [0, true]);
});

test('a session is in the trash, under a name that says what it was, and comes back', (t) => {
  const { root, unit, claimSession } = places(t);
  const taken = claimSession();
  const { at = '' } = taken.claims[0] ?? {};
  assert.deepEqual([existsSync(unit), dirname(at)], [false, join(root, '.trash')]);
  assert.match(basename(at), /^abcd1234\.\d+-\d+-[a-z0-9]{7}-[a-z0-9]{8}$/);
  assert.deepEqual(backed(taken), [true]);
  assert.ok(existsSync(join(unit, 'file')));
});

for (const [what, make] of [
  ['a file', (trash: string) => writeFileSync(trash, 'thesis')],
  ['a link', (trash: string) => symlinkSync('/nowhere', trash)],
] as const)
  test(`${what} in the place of the trash is left there: the session goes where it is`, (t) => {
    const { root, claimSession } = places(t);
    make(join(root, '.trash'));
    const [claim] = claimSession().claims;
    assert.equal(claim?.at, join(root, 'abcd1234'));
    assert.ok(claim?.inPlace);
    assert.ok(!lstatSync(join(root, '.trash')).isDirectory());
  });

describe('a unit', () => {
  test('is beside where it was, under its own name, and comes back', (t) => {
    const { unit, claim } = places(t);
    const taken = claim(unit);
    const { at = '' } = taken.claims[0] ?? {};
    assert.deepEqual([existsSync(unit), existsSync(join(at, 'file'))], [false, true]);
    assert.deepEqual([dirname(dirname(at)), basename(at)], [dirname(unit), 'unit']);
    assert.ok(basename(dirname(at)).startsWith(UNIT_CLAIM));
    assert.deepEqual(backed(taken), [true]);
    assert.ok(existsSync(join(unit, 'file')));
    assert.equal(leaveShelf(taken), undefined);
    assert.deepEqual(readdirSync(dirname(unit)), ['unit']);
  });

  test('may have a name of 255 bytes', (t) => {
    const { root, claim } = places(t);
    const unit = put(join(root, 'abcd1234/tmp', 'x'.repeat(255)));
    const taken = claim(unit);
    assert.equal(existsSync(unit), false);
    assert.deepEqual(backed(taken), [true]);
    assert.ok(existsSync(unit));
  });

  test('that is not there is nothing to claim', (t) => {
    const { unit, claim } = places(t);
    const { claims, unclaimed } = claim(`${unit}-not-there`);
    assert.deepEqual([claims, unclaimed.map(({ error }) => codeOf(error))], [[], ['ENOENT']]);
  });

  for (const [what, up] of [
    ['its parent', 1],
    ['the directory above', 2],
  ] as const) {
    test(`is not reached through a link in the place of ${what}`, (t) => {
      const { unit, elsewhere, swap, claim } = places(t);
      const before = readdirSync(elsewhere, { recursive: true });
      swap(up === 1 ? dirname(unit) : dirname(dirname(unit)));
      assert.ok(existsSync(unit), 'a path alone leads there');
      assert.throws(() => claim(unit), { code: 'ENOTDIR' });
      assert.deepEqual(readdirSync(elsewhere, { recursive: true }), before);
    });
  }

  test('goes back to where it came from, whatever took the place of its parent', (t) => {
    const { unit, elsewhere, swap, claim } = places(t);
    const taken = claim(unit);
    swap(dirname(unit));
    rmSync(join(elsewhere, 'unit'), { recursive: true });
    assert.deepEqual(backed(taken), [true]);
    assert.equal(existsSync(join(elsewhere, 'unit')), false);
    assert.ok(existsSync(join(`${dirname(unit)}-away`, 'unit/file')));
  });

  for (const [what, come] of [
    ['a file', (path: string) => writeFileSync(path, 'new')],
    ['a directory', (path: string) => mkdirSync(path)],
  ] as const)
    test(`does not go back where ${what} came meanwhile, and both stay`, (t) => {
      const { root, claim } = places(t);
      const unit = put(join(root, 'abcd1234/tmp/log'), 'old');
      const taken = claim(unit);
      come(unit);
      const before = lstatSync(unit).ino;
      assert.deepEqual(backed(taken), [false]);
      const shelf = leaveShelf(taken);
      assert.match(shelf ?? '', /^\.qw-trash\.0-0-/);
      assert.equal(readFileSync(join(dirname(unit), shelf ?? '', 'log'), 'utf8'), 'old');
      assert.equal(lstatSync(unit).ino, before);
    });

  test('a file that comes in the very moment is not replaced', (t) => {
    const { root, claim } = places(t);
    const unit = put(join(root, 'abcd1234/tmp/log'), 'old');
    const taken = claim(unit);
    const { linkSync } = fs;
    t.mock.method(fs, 'linkSync', (from: string, to: string) => {
      writeFileSync(unit, 'new');
      linkSync(from, to);
    });
    assert.deepEqual(backed(taken), [false]);
    assert.equal(readFileSync(unit, 'utf8'), 'new');
  });

  test('that is not below its base is not touched', (t) => {
    const { unit, elsewhere } = places(t);
    assert.throws(() => claimIn([{ kind: 'unit', path: unit, base: elsewhere }]), { code: 'EXDEV' });
    assert.ok(existsSync(join(unit, 'file')));
  });

  test('is one of many, and each is told apart', { skip: isRoot }, (t) => {
    const { unit, claim } = places(t);
    const project = dirname(unit);
    const many = Array.from({ length: 70 }, (_, at) => join(project, `unit${at}`));
    for (const one of many) put(join(one, 'file'), one);
    const { claims, unclaimed } = claim(unit, ...many, `${unit}-not-there`);
    assert.deepEqual(
      claims.slice(1).map(({ at }) => readFileSync(join(at, 'file'), 'utf8')),
      many,
    );
    assert.deepEqual(
      unclaimed.map(({ error }) => codeOf(error)),
      ['ENOENT'],
    );
    const stuck = dirname(put(join(project, 'stuck/unit/file')));
    chmodSync(dirname(stuck), 0o555);
    assert.throws(
      () => claim(stuck),
      (error) => codeOf(error) === 'EACCES',
    );
    chmodSync(dirname(stuck), 0o755);
  });
});
