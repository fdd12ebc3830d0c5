// The tables of the documents name the defaults that the code has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULTS } from '#src/options.js';
import { repoRoot } from '../helpers/paths.js';

/** Rows of tables: the name in the first column, whatever follows it there, and the row. */
const rowsOf = (name: string): [option: string, row: string][] =>
  readFileSync(join(repoRoot, 'docs', name), 'utf8')
    .split('\n')
    .flatMap((row) => {
      const [, option] = /^\| `(?:--)?([\w-]+)/.exec(row) ?? [];
      return option === undefined ? [] : [[option.replace(/-(\w)/g, (_, it) => it.toUpperCase()), row]];
    });

const { lowShare, worktrees, ...options } = DEFAULTS;

for (const [page, names] of [
  ['cli.md', ['backend', 'grace', 'survivors', 'isolate', 'size']],
  ['qw-tmp.md', ['maxAge', 'orphans', 'low']],
  ['doctor.md', ['time']],
  ['api.md', ['backend', 'grace', 'survivors', 'isolate', 'size', 'maxAge', 'orphans', 'every', 'deadline']],
] as const)
  for (const option of names)
    test(`${page} says the default of ${option}`, () => {
      const rows = rowsOf(page).flatMap(([name, row]) => (name === option ? [row] : []));
      const isSaid = (row: string) =>
        row
          .split(/(?<!\\)\|/)
          .slice(2, -2)
          .join()
          .includes(options[option]);
      assert.ok(rows.some(isSaid), rows.join('\n'));
    });

test('the pages say the share of low, and what becomes of worktrees', () => {
  const page = (name: string) => readFileSync(join(repoRoot, 'docs', name), 'utf8');
  assert.ok(
    page('qw-tmp.md').includes(
      `| ${lowShare} or ${options.low}, whichever is more, and ${lowShare} of the inodes`,
    ),
  );
  assert.match(page('cli.md'), new RegExp(`\`QW_WORKTREES=remove\`[^.]*\\(default \`${worktrees}\``));
});
