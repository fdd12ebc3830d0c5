// The top level of the repository is what was agreed on, so that nothing lands there by accident.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { repoRoot } from '../helpers/paths.js';

const AGREED = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
  'README.md',
  'src',
  'test',
  'docs',
  'examples',
];
/** Made by npm and the build, never committed. */
const MADE = ['node_modules', 'dist'];

test('nothing lies at the top level but what belongs there', () => {
  const others = readdirSync(repoRoot).filter(
    (name) => !name.startsWith('.') && ![...AGREED, ...MADE].includes(name),
  );
  assert.deepEqual(others, []);
});
