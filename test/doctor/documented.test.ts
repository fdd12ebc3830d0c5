// docs/cli.md says what a program finds in `qw-tmp doctor --json`: every code, every section, every key.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diagnose } from '../helpers/diagnosed.js';
import { repoRoot } from '../helpers/paths.js';
import { forge, leaseOf, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const read = (path: string) => readFileSync(join(repoRoot, path), 'utf8');
const [, page = ''] = read('docs/cli.md').split('### qw-tmp doctor\n');
const rows =
  page
    .split('\n### ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `')) ?? [];

test('every code has its row, with its weight', () => {
  const [, union = ''] = read('dist/doctor/finding.d.ts').split('type FindingCode =');
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
  assert.ok(codes.length > 20);
  for (const code of codes)
    assert.ok(
      rows.some((row) => /\| (problem|warning|note)/.test(row) && row.includes(`\`${code}\``)),
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
    const row = rows.find((line) => line.startsWith(`| \`${section}\` |`)) ?? assert.fail(`no ${section}`);
    if (!Array.isArray(value) || typeof value[0] !== 'object') continue;
    const keys = /`\[\{([^}]*)\}\]`/.exec(row)?.[1]?.split(', ').sort();
    assert.deepEqual(keys, Object.keys(value[0] as object).sort(), section);
  }
});
