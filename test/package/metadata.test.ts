// What the package says of itself is true: its metadata for every resolver, its API page, its README.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as api from 'qw-run';
import { headingsOf, PAGES, readPage } from '../helpers/documents.js';
import { repoRoot } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

const read = (path: string) => readFileSync(join(repoRoot, path), 'utf8');
const inBackticks = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** A copy without the development's `prepare` script: the tools pack it themselves. */
function packable({ box }: Scene): string {
  const copy = join(box.dir, 'copy');
  mkdirSync(copy);
  for (const name of ['dist', 'README.md', 'LICENSE', 'package.json'])
    if (existsSync(join(repoRoot, name))) cpSync(join(repoRoot, name), join(copy, name), { recursive: true });
  return copy;
}

describe('the metadata suits every resolver', { concurrency: 2 }, () => {
  const tools: [name: string, script: string, args: string[]][] = [
    ['publint', 'publint/src/cli.js', ['run', '--strict', '--pack', 'npm']],
    ['attw', '@arethetypeswrong/cli/dist/index.js', ['--pack', '.', '--no-emoji']],
  ];
  for (const [name, script, args] of tools) {
    test(`says ${name}`, (t) => {
      const here = scene(t);
      const cwd = packable(here);
      const env = {
        ...here.options.env,
        npm_config_ignore_scripts: 'true',
        npm_config_cache: join(cwd, '.npm'),
      };
      const tool = join(repoRoot, 'node_modules', script);
      const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], {
        cwd,
        env,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
    });
  }
});

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
