// What takes one rm long is shared with a second one, which comes from the other end: together they take everything, whatever becomes of
// the second, and nothing outside, whatever is swapped meanwhile.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { atTheFarEnd } from '#src/remove/far-end.js';
import { removeTree, removeTrees } from '#src/remove/remove-tree.js';
import { picture, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const skip =
  (process.platform !== 'linux' && 'Linux only') || (availableParallelism() < 2 && 'one processor');

/** A tree as a session is: what is many lies deep. */
function tree(t: TestContext, names = Array.from({ length: 40 }, (_, at) => `d${at}`)) {
  const { dir } = sandbox(t);
  const top = join(dir, 'tree');
  const files = names.flatMap((name) => [1, 2, 3].map((file) => `tmp/claude-1/-p/${name}/a/${file}`));
  for (const file of [...files, 'lease.json', 'tmp/claude-1/x/y']) put(join(top, file));
  return { dir, top };
}

/**
 * An rm of which the first, told of `tree`, waits for the second, which runs `script` and then, unless that
 * exits, is rm. Gives what the second was told.
 */
function useRm(t: TestContext, dir: string, tree: string, script = ':'): () => string {
  const [told, over] = [join(dir, 'told'), join(dir, 'over')];
  const text = `#!/bin/sh
case " $* " in
*' ${tree} '*) until [ -e '${over}' ]; do sleep 0.01; done ;;
*)
  trap ': >"${over}"' EXIT
  printf '%s\\n' "$@" >>'${told}'
  ${script}
esac
/bin/rm "$@"
`;
  chmodSync(put(join(dir, 'bin/rm'), text), 0o755);
  const { PATH } = process.env;
  t.after(() => Object.assign(process.env, { PATH }));
  process.env['PATH'] = [join(dir, 'bin'), PATH].join(delimiter);
  return () => readFileSync(told, 'utf8');
}

describe('a second rm', { skip }, () => {
  for (const [what, script] of [
    ['that takes its part', ':'],
    ['that fails', 'exit 1'],
    ['that takes all there is', '/bin/rm -rf $TREE'],
  ] as const)
    test(`${what}: all is gone, and it was told of no path`, async (t) => {
      const { dir, top } = tree(t);
      const told = useRm(t, dir, top, script.replace('$TREE', top));
      assert.deepEqual(await removeTree(top), []);
      assert.ok(!existsSync(top));
      const names = told()
        .split('\n')
        .filter((line) => line.includes('/'));
      assert.ok(names.length >= 10, told());
      for (const name of names) assert.match(name, /^\/proc\/self\/fd\/\d+\/[^/]+$/);
    });

  test('that has not come to an end is not waited for', async (t) => {
    const { dir, top } = tree(t);
    useRm(t, dir, top, `: >'${dir}/over'; exec sleep 600`);
    assert.deepEqual(await removeTree(top), []);
    assert.ok(!existsSync(top));
  });

  test('finds in the place of directories links that lead outside: nothing there changes', async (t) => {
    const { dir, top } = tree(t);
    const outside = join(dir, 'outside');
    for (const path of ['-p/d1/a/1', 'd1/a/1', 'a/1', '1']) put(join(outside, path));
    const before = picture(outside);
    const swap = (path: string) => `mv ${path} ${path}~; ln -s ${outside} ${path}`;
    const places = ['tmp/claude-1/-p/d39/a', 'tmp/claude-1/-p/d38', 'tmp/claude-1/-p', 'tmp/claude-1', 'tmp'];
    const told = useRm(t, dir, top, places.map((place) => swap(join(top, place))).join('\n'));
    assert.deepEqual(await removeTree(top), []);
    assert.ok(!existsSync(top) && told().includes('/proc/self/fd/'));
    assert.deepEqual(picture(outside), before);
  });

  test('of many trees takes the half that comes last', async (t) => {
    const { dir } = tree(t);
    const trees = Array.from({ length: 40 }, (_, at) => join(dir, `many/t${at}`));
    for (const one of trees) for (let file = 0; file < 70; file += 1) put(join(one, `${file}`));
    const told = useRm(t, dir, trees[0] as string);
    const results = await removeTrees(trees);
    assert.deepEqual([...results.keys()], trees);
    assert.deepEqual([...results.values()].flat(), []);
    assert.ok(trees.every((one) => !existsSync(one)));
    const names = told()
      .split('\n')
      .filter((line) => line.startsWith('/'));
    assert.deepEqual(names.slice(0, 20), trees.slice(-20).reverse());
  });
});

describe('the far end', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  const names = (trees: string[]) =>
    atTheFarEnd(trees, (found) => found.map((name) => name.replace(/.*\//, '')));

  test('is the second half of what is there, last first', (t) => {
    const { top } = tree(t);
    const all = [...readdirSync(join(top, 'tmp/claude-1/-p')), 'y'].sort();
    const found = names([top]) ?? [];
    assert.deepEqual([found.length, new Set(found).size], [Math.ceil(all.length / 2), found.length]);
    assert.ok(found.every((name) => all.includes(name)));
  });

  test('is nothing where there is nothing to share', (t) => {
    const { dir, top } = tree(t, ['only one']);
    rmSync(join(top, 'tmp/claude-1/x'), { recursive: true });
    assert.equal(names([top]), undefined);
    for (const path of ['flat/file', 'file']) put(join(dir, path));
    symlinkSync(top, join(dir, 'link'));
    for (const path of ['flat', 'file', 'link', 'not-there'])
      assert.equal(names([join(dir, path)]), undefined);
  });

  test('closes what it opened, and names nothing through a link', (t) => {
    const { dir, top } = tree(t);
    const before = readdirSync('/proc/self/fd').length;
    renameSync(join(top, 'tmp'), join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(top, 'tmp'));
    assert.equal(names([top]), undefined);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });
});
