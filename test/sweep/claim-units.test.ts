// An agent in a sandbox may write where its units are and not elsewhere. It swaps a directory on the way for a link to where only
// we may write, between our look and our rename: nothing there moves.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { codeOf } from '#src/fs.js';
import { type ClaimOptions, claimUnits, unclaimUnit } from '#src/sweep/claim-units.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const UNIT = 'abcd1234/tmp/claude-1000/project/unit';

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
  return { root, unit, elsewhere, swap };
}

const isRoot = process.getuid?.() === 0 && 'root may write everywhere';
const claim = (unit: string, options: ClaimOptions) => claimUnits([unit], options)[0]?.trashed;

for (const [where, trash] of [
  ['into the trash', true],
  ['aside', false],
] as const) {
  describe(`a unit moved ${where}`, () => {
    const options = (root: string) => ({ bases: [root], root: trash ? root : undefined });
    test('is where the claim says, and comes back', (t) => {
      const { root, unit } = places(t);
      const trashed = claim(unit, options(root)) ?? '';
      assert.deepEqual([existsSync(unit), existsSync(join(trashed, 'file'))], [false, true]);
      assert.equal(dirname(trashed), trash ? join(root, '.trash') : dirname(unit));
      assert.equal(unclaimUnit(trashed, unit, [root]), true);
      assert.ok(existsSync(join(unit, 'file')));
      assert.equal(claim(`${unit}-not-there`, options(root)), undefined);
    });
    for (const [what, up] of [
      ['its parent', 1],
      ['the directory above', 2],
    ] as const) {
      test(`is not reached through a link in the place of ${what}`, (t) => {
        const { root, unit, elsewhere, swap } = places(t);
        const before = readdirSync(elsewhere, { recursive: true });
        const dir = up === 1 ? dirname(unit) : dirname(dirname(unit));
        swap(dir);
        assert.ok(existsSync(unit), 'a path alone leads there');
        assert.equal(claim(unit, options(root)), undefined);
        assert.deepEqual(readdirSync(elsewhere, { recursive: true }), before);
      });
    }
    test('does not go back through one either', (t) => {
      const { root, unit, elsewhere, swap } = places(t);
      const trashed = claim(unit, { bases: [root], root }) ?? '';
      swap(dirname(unit));
      rmSync(join(elsewhere, 'unit'), { recursive: true });
      assert.equal(unclaimUnit(trashed, unit, [root]), false);
      assert.ok(existsSync(trashed) && !existsSync(join(elsewhere, 'unit')));
    });

    test('that is below none of the bases is not touched', (t) => {
      const { root, unit, elsewhere } = places(t);
      const [claimed] = claimUnits([unit], { ...options(root), bases: [elsewhere] });
      assert.deepEqual([claimed?.trashed, codeOf(claimed?.error)], [undefined, 'EXDEV']);
      assert.ok(existsSync(join(unit, 'file')));
    });

    test('whose parent may not be written any more stays where it is', { skip: isRoot }, (t) => {
      const { root, unit } = places(t);
      const trashed = claim(unit, options(root)) ?? '';
      chmodSync(dirname(unit), 0o555);
      assert.equal(unclaimUnit(trashed, unit, [root]), false);
      chmodSync(dirname(unit), 0o755);
      assert.ok(existsSync(join(trashed, 'file')));
    });

    test('is one of many, and each comes to its own', { skip: isRoot }, (t) => {
      const { root, unit } = places(t);
      const project = dirname(unit);
      const many = Array.from({ length: 70 }, (_, at) => join(project, `unit${at}`));
      for (const one of many) put(join(one, 'file'), one);
      const stuck = dirname(put(join(project, 'stuck/unit/file')));
      chmodSync(dirname(stuck), 0o555);
      const claimed = claimUnits([unit, ...many, `${unit}-not-there`, stuck], options(root));
      chmodSync(dirname(stuck), 0o755);
      assert.deepEqual(
        claimed.slice(1, 71).map(({ trashed = '' }) => readFileSync(join(trashed, 'file'), 'utf8')),
        many,
      );
      const [gone, refused] = claimed.slice(-2);
      assert.deepEqual(gone, { trashed: undefined });
      assert.deepEqual([refused?.trashed, codeOf(refused?.error)], [undefined, 'EACCES']);
    });
  });
}
