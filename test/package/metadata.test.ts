// What the package says of itself is true: the reasons of its dependencies, its API page, its README.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as api from 'qw-run';
import { headingsOf, PAGES, readPage } from '../helpers/documents.js';
import { repoRoot } from '../helpers/paths.js';

const read = (path: string) => readFileSync(join(repoRoot, path), 'utf8');
const inBackticks = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

test('every dependency has its reason in the docs', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const reasons = PAGES.flatMap((page) => readPage(page).match(/^\| `[^`]+` \| .{10,}$/gm) ?? []);
  for (const name of Object.keys(dependencies))
    assert.ok(
      reasons.some((row) => row.startsWith(`| \`${name}\` |`)),
      `no row says why ${name}`,
    );
});

describe('docs/api.md', () => {
  const declared = read('dist/types/index.d.ts')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .matchAll(/export (type )?\{([^}]*)\}/g);
  const exported = [...declared].flatMap(([, , names = '']) =>
    names.split(',').map((name) => name.replace(/\btype\b/, '').trim()),
  );

  test('has a heading for every export', () => {
    assert.ok(exported.length > 20 && Object.keys(api).every((name) => exported.includes(name)));
    const named = headingsOf('docs/api.md').flatMap(({ text }) => inBackticks(text));
    assert.deepEqual(
      exported.filter((name) => !named.includes(name)),
      [],
    );
  });

  test('has no heading for anything else', () => {
    const names = headingsOf('docs/api.md')
      .filter(({ level }) => level > 1)
      .flatMap(({ text }) => inBackticks(text))
      .map((text) => /^[\w.]+/.exec(text)?.[0] ?? text);
    const members = /^(session|run|reaper)\.\w+$/;
    assert.deepEqual(
      names.filter((name) => !exported.includes(name) && !members.test(name)),
      [],
    );
  });

  test('names every code of QwRunError', () => {
    const codes = new Set(read('dist/types/errors.d.ts').match(/ERR_QW_\w+/g));
    assert.ok(codes.size > 3);
    for (const code of codes) assert.ok(read('docs/api.md').includes(`| \`${code}\` |`), code);
  });
});

test('the README is short, and has the commands to try and to test it', () => {
  const lines = read('README.md').trimEnd().split('\n');
  assert.ok(lines.length <= 200, `${lines.length} lines`);
  for (const command of ['npm install && npx qw-run', 'npm install && npm test'])
    assert.ok(
      lines.some((line) => line.startsWith(command)),
      command,
    );
});
