// Why a root is chosen or passed over is there as data; asking makes and changes nothing.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { examineRoots } from '#src/doctor/roots.js';
import { scene } from '../helpers/scene.js';

const NAME = `qw-${process.getuid?.()}`;

describe('roots', () => {
  test('come in the order they are tried, each with its source, its place and the length of a TMPDIR', (t) => {
    const { box } = scene(t);
    const roots = examineRoots({ TMPDIR: box.dir }, undefined);
    assert.deepEqual(roots.map(({ source }) => source).sort(), ['/tmp', '/var/tmp', 'TMPDIR']);
    assert.equal(roots.find(({ hasUserQuota }) => !hasUserQuota)?.path, join(box.dir, NAME));
    for (const { path, why, exists, refusal, tmpdirBytes, mount, type } of roots) {
      // The defaults are this machine's: somebody else's directory may be in their place.
      if (path === join(box.dir, NAME)) assert.equal(refusal, null);
      assert.equal(exists, existsSync(path), path);
      assert.equal(tmpdirBytes, `${path}/12345678/tmp`.length);
      assert.ok(why.length > 3 && mount && path.startsWith(mount === '/' ? '/' : `${mount}/`));
      assert.ok(type);
    }
    assert.deepEqual(readdirSync(box.dir).includes(NAME), false, 'nothing was made');
  });

  const refused: [what: string, make: (dir: string) => string, code: string][] = [
    ['its parent is missing', (dir) => join(dir, 'no/r'), 'ERR_QW_ROOT_UNUSABLE'],
    ['it is too long', (dir) => join(dir, 'x'.repeat(40)), 'ERR_QW_ROOT_TOO_LONG'],
    [
      'it is a link',
      (dir) => {
        symlinkSync('/', join(dir, 'l'));
        return join(dir, 'l');
      },
      'ERR_QW_ROOT_UNSAFE',
    ],
    [
      'it is not ours',
      (dir) => {
        mkdirSync(join(dir, 'm/work'), { recursive: true });
        return join(dir, 'm');
      },
      'ERR_QW_ROOT_NOT_OURS',
    ],
    [
      'others may read it',
      (dir) => {
        mkdirSync(join(dir, 'o'), { mode: 0o755 });
        return join(dir, 'o');
      },
      'ERR_QW_ROOT_UNSAFE',
    ],
  ];
  for (const [what, make, code] of refused) {
    test(`say why one is refused: ${what}`, (t) => {
      const { box } = scene(t);
      const [root, ...others] = examineRoots({ TMPDIR: box.dir }, make(box.dir));
      assert.deepEqual(others, [], 'what was named stands alone');
      assert.deepEqual([root?.source, root?.state, root?.refusal?.code], ['named', 'refused', code]);
      assert.ok(root?.refusal?.message.includes(root.path));
      assert.ok(root?.mount, 'the place is told all the same');
    });
  }
});
