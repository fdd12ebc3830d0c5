// The way to a path is the kernel's: component by component, from where a link leads, down to what is not there.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf } from '#src/fs.js';
import { lookups } from '#src/root/lookups.js';
import { sandbox } from '../helpers/sandbox.js';

test('`..` goes up from where a link leads; behind a file nothing is, not even `..`', (t) => {
  const { dir } = sandbox(t);
  mkdirSync(join(dir, 'a/b'), { recursive: true });
  writeFileSync(join(dir, 'file'), '');
  symlinkSync('a/b', join(dir, 'link'));
  const end = (path: string) => [...lookups(`${dir}/${path}`)].at(-1);
  assert.equal(end('link/..')?.path, join(dir, 'a'));
  assert.ok(end('link/..')?.stat?.isDirectory());
  for (const path of ['file/x', 'file/..', 'file/../a', 'none/../a']) {
    const last = end(path);
    assert.equal(last?.stat, undefined, path);
    assert.match(codeOf(last?.error) ?? '', /^ENO(TDIR|ENT)$/, path);
  }
  assert.deepEqual(end('none/x/y')?.rest, ['x', 'y']);
});

test('a name of any bytes is found, and what may not be asked is the last', (t) => {
  const { dir } = sandbox(t);
  const odd = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe])]);
  mkdirSync(odd);
  const raw = odd.toString('latin1');
  assert.ok([...lookups(raw, () => true, true)].at(-1)?.stat?.isDirectory());
  const last = [...lookups(`${dir}/a`, (path) => path !== dir)].at(-1);
  assert.deepEqual([last?.path, last?.stat, last?.error, last?.rest], [dir, undefined, undefined, ['a']]);
});

test('links that lead in circles end', (t) => {
  const { dir } = sandbox(t);
  symlinkSync('b', join(dir, 'a'));
  symlinkSync('a', join(dir, 'b'));
  assert.throws(() => [...lookups(join(dir, 'a'))], { code: 'ELOOP' });
});
