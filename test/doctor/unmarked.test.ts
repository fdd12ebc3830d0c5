// Roots of version 0.1, which marked none: doctor says how to remove them where all in them is provably ours and nobody needs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { diagnose } from '../helpers/diagnosed.js';
import { outsider } from '../helpers/outsider.js';
import { forge, killed, leaseOf, picture, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

/** A root as version 0.1 left it, with two sessions of dead owners. */
function oldRoot(here: Scene): string {
  const { box } = here;
  for (const id of ['dead0000', 'dead0001']) forge(box, id, { lease: leaseOf(id) });
  put(join(box.root, '.trash/gone0000.999999-1-abcdefgh/file'));
  put(join(box.root, '.reaped'), '');
  rmSync(join(box.root, '.qw-root'));
  return box.root;
}

describe('a root of version 0.1', { concurrency: 2 }, () => {
  test('is left alone and told, with the command that removes it', async (t) => {
    const here = scene(t);
    const root = oldRoot(here);
    const before = picture(root);
    const { told, command } = await diagnose(here.options);
    assert.ok(told.includes(`warning unmarked-root ${root}`), told.join());
    assert.deepEqual(picture(root), before);
    assert.equal(command('unmarked-root'), `rm -rf -- ${root}`);
    spawnSync('sh', ['-c', command('unmarked-root')], here.options);
    assert.deepEqual([existsSync(root), existsSync(here.box.cwd)], [false, true]);
  });

  test('is told where it was noted, too', async (t) => {
    const here = scene(t);
    const root = oldRoot(here);
    put(join(here.box.dir, 's/qw-run/roots'), `${root}\n`);
    const { QW_ROOT: _unset, ...env } = here.options.env;
    const { told } = await diagnose({ ...here.options, env });
    assert.ok(told.includes(`warning unmarked-root ${root}`), told.join());
  });

  test('is told where only its empty trash is left', async (t) => {
    const here = scene(t);
    mkdirSync(join(here.box.root, '.trash'), { recursive: true, mode: 0o700 });
    const { command } = await diagnose(here.options);
    assert.equal(command('unmarked-root'), `rm -rf -- ${here.box.root}`);
  });

  test('with a session in use is to be looked at, not removed', async (t) => {
    const here = scene(t);
    const root = oldRoot(here);
    const pid = await outsider(here, 'cwd', join(root, 'dead0000/tmp'));
    const { command } = await diagnose(here.options);
    assert.equal(command('unmarked-root'), `ls -lA ${root}`);
    await killed(pid);
  });

  const others: [what: string, add: (root: string) => void][] = [
    ['a directory of eight letters without a lease', (root) => mkdirSync(join(root, 'projects'))],
    ['something else in the trash', (root) => put(join(root, '.trash/thesis'))],
    ['notes in the stamp', (root) => writeFileSync(join(root, '.reaped'), 'notes')],
    ['a file', (root) => put(join(root, 'notes'))],
    ['a marker of another directory', (root) => put(join(root, '.qw-root'), '{"version":1,"inode":"1"}\n')],
  ];
  for (const [what, add] of others)
    test(`is not taken for one with ${what} in it`, async (t) => {
      const here = scene(t);
      const root = oldRoot(here);
      add(root);
      const { told, diagnosis } = await diagnose(here.options);
      assert.deepEqual(diagnosis.unmarked, []);
      assert.ok(told.includes(`problem no-root ${root}`), told.join());
    });
});
