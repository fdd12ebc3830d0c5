// docs/doctor.md and docs/json.md say what a program finds in `qw-tmp doctor --json`: every code, every section, every key.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diagnose } from '../helpers/diagnosed.js';
import { repoRoot } from '../helpers/paths.js';
import { forge, leaseOf, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const read = (path: string) => readFileSync(join(repoRoot, path), 'utf8');
const [, inJson = ''] = read('docs/json.md').split('## qw-tmp doctor\n');
const rowsOf = (page: string) => page.split('\n').filter((line) => line.startsWith('| `'));
const codeRows = rowsOf(read('docs/doctor.md'));
const sectionRows = rowsOf(inJson);

test('every code has its row, with its weight', () => {
  const [, union = ''] = /type FindingCode =([^;]*)/.exec(read('dist/types/doctor/finding.d.ts')) ?? [];
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
  assert.ok(codes.length > 20);
  for (const code of codes)
    assert.ok(
      codeRows.some((row) => /\| (problem|warning|note)/.test(row) && row.includes(`\`${code}\``)),
      code,
    );
});

test('every section and its keys are there as they are written down', async (t) => {
  const { box, options } = scene(t);
  forge(box, 'orphan00', { lease: leaseOf('orphan00') });
  const TMPDIR = join(box.dir, 't');
  put(join(TMPDIR, 'claude-1a2b-cwd'));
  const { diagnosis } = await diagnose({ ...options, env: { ...options.env, TMPDIR } });
  for (const [section, value] of Object.entries(diagnosis)) {
    if (['version', 'isHealthy', 'ms'].includes(section)) continue;
    const row =
      sectionRows.find((line) => line.startsWith(`| \`${section}\` |`)) ?? assert.fail(`no ${section}`);
    if (!Array.isArray(value) || typeof value[0] !== 'object') continue;
    const keys = /`\[\{([^}]*)\}\]`/.exec(row)?.[1]?.split(', ').sort();
    assert.deepEqual(keys, Object.keys(value[0] as object).sort(), section);
  }
});
