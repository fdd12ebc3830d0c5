// What removing files frees: their blocks, a file with several names once, and not at all while a name is left elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FileFacts, reclaimable } from '#src/tree/reclaimable.js';

const file = (ino: number, nlink: number, blocks = 8, more: Partial<FileFacts> = {}): FileFacts => ({
  dev: 1,
  ino,
  nlink,
  blocks,
  isDirectory: () => false,
  ...more,
});
const directory = (ino: number, nlink: number) => file(ino, nlink, 8, { isDirectory: () => true });
const sum = (...files: FileFacts[]) => {
  const freed = reclaimable();
  files.forEach(freed.add);
  return freed.size().bytes;
};

const table: [what: string, files: FileFacts[], bytes: number][] = [
  ['nothing', [], 0],
  ['a file', [file(1, 1)], 4096],
  ['a file without blocks', [file(1, 1, 0)], 0],
  ['directories, whatever their nlink', [directory(1, 2), directory(2, 5), directory(3, 1)], 3 * 4096],
  ['two names of one file', [file(1, 2), file(1, 2)], 4096],
  ['one of its two names', [file(1, 2)], 0],
  ['two of its three names', [file(1, 3), file(1, 3)], 0],
  ['the same number on another device', [file(1, 2), file(1, 2, 8, { dev: 2 })], 0],
];
for (const [what, files, bytes] of table) test(what, () => assert.equal(sum(...files), bytes));

test('in any order', () => {
  const files = [1, 2, 3].flatMap((ino) => Array.from({ length: ino }, () => file(ino, ino, ino)));
  fc.assert(
    fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (any) => sum(...any) === 6 * 512),
  );
});
