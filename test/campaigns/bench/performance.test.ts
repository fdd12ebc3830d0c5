// The scripts behind docs/evidence/performance.md still measure: each row once, at a hundredth of its size. Figures are not judged here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repoRoot } from '../../helpers/paths.js';
import { withSection } from '../../helpers/section.js';
import { quantile, table } from './performance/table.js';

const script = fileURLToPath(new URL('./performance.js', import.meta.url));
const document = readFileSync(join(repoRoot, 'docs/evidence/performance.md'), 'utf8');
const sections = [...document.matchAll(/^<!-- (\w+) -->$/gm)].map(([, name]) => name as string);

test('every section of the document is measured', {
  skip: process.platform !== 'linux' && 'reads procfs',
}, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--small', '--runs', '1'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const printed = stdout.split(/^(?=\w+$)/m).filter((text) => text.trim() !== '');
  assert.deepEqual(
    printed.map((text) => text.split('\n', 1)[0]),
    sections,
  );
  for (const text of printed.slice(1)) {
    assert.match(text, /^\| [^|]+ \| [^|]* \| \d+ \| \d/m, text);
    assert.doesNotMatch(text, /NaN|undefined/);
  }
});

test('a row that does not exist is told', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--only', 'nothing'], { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /no row nothing; there are whole, exec, start,/);
});

test('a figure over its goal is marked', () => {
  const line = { what: 'w', against: 'a', peer: [2, 2], unit: 'ms' };
  const goal = { is: 'times', limit: 1.25 } as const;
  assert.match(table([{ ...line, ours: [2, 3], goal }]), /\*\*1\.25×\*\* \| ≤ 1\.25× \|$/);
  assert.match(table([{ ...line, ours: [3, 3], goal }]), /\*\*1\.50×\*\* \| ≤ 1\.25×: \*\*missed\*\* \|$/);
  assert.match(table([{ what: 'w', skipped: 'no such tool' }]), /not measured: no such tool \|$/);
});

test('quartiles lie between values, in proportion', () => {
  assert.deepEqual(
    [0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share)),
    [1, 1.75, 2.5, 4],
  );
});

test('only its own section of the document changes', () => {
  const text = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n';
  assert.equal(withSection(text, 'x', 'new'), 'a\n<!-- x -->\nnew\n<!-- /x -->\nb\n');
  assert.throws(() => withSection(text, 'y', 'new'), /no section y/);
});
