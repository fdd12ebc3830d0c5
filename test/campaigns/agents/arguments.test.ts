// The command line of verify:agents: what holds without options, and that a wrong word is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USAGE, wantedOf } from './arguments.js';
import { SCENARIOS } from './scenarios.js';

const names = (args: string[]) =>
  wantedOf(args, {}).agents.map(({ cli, version }) => `${cli.name}@${version}`);

test('without options everything runs, and the document is written', () => {
  const { scenarios, docs } = wantedOf([], {});
  assert.deepEqual([scenarios.length, docs], [SCENARIOS.length, 'docs/evidence/backends.md']);
  assert.deepEqual(names([]), [
    ...['claude@latest', 'claude@2.1.197', 'claude@2.1.50'],
    ...['claude@2.0.77', 'codex@latest', 'gemini@latest', 'opencode@latest', 'cline@latest'],
    ...['copilot@latest', 'qwen@latest'],
  ]);
});

test('a part is measured without writing the document, unless told to', () => {
  assert.deepEqual(names(['--agent', 'claude@2.1.197, codex']), ['claude@2.1.197', 'codex@latest']);
  const { scenarios, docs } = wantedOf(['--scenario', 'term,kill'], {});
  assert.deepEqual([scenarios.map(({ name }) => name), docs], [['term', 'kill'], undefined]);
  assert.equal(wantedOf(['--agent', 'codex', '--docs', 'x.md'], {}).docs, 'x.md');
});

test('the cache is outside of the repository: option, variable, the user cache', () => {
  const cache = (args: string[], env: NodeJS.ProcessEnv) => wantedOf(args, env).cache;
  assert.equal(cache(['--cache', '/a'], { QW_AGENTS_CACHE: '/b' }), '/a');
  assert.equal(cache([], { QW_AGENTS_CACHE: '/b', XDG_CACHE_HOME: '/c' }), '/b');
  assert.equal(cache([], { XDG_CACHE_HOME: '/c' }), '/c/qw-run-agents');
  assert.match(cache([], {}), /\/\.cache\/qw-run-agents$/);
});

test('a wrong word is told with those that there are', () => {
  const table: [args: string[], says: RegExp][] = [
    [['--agent', 'cloud'], /no agent cloud; there are claude, codex, gemini, opencode, cline, copilot, qwen/],
    [['--scenario', 'trem'], /no scenario trem; there are plain/],
    [['--jobs', '0'], /--jobs 0/],
    [['--jobs', 'x'], /--jobs x/],
    [['--uid', 'me'], /--uid me/],
    [['--wrong'], /--wrong/],
  ];
  for (const [args, says] of table) assert.throws(() => wantedOf(args, {}), says);
});

test('the help names every option', () => {
  for (const name of [
    'agent',
    'scenario',
    'cache',
    'jobs',
    'uid',
    'docs',
    'merge',
    'results',
    'list',
    'verbose',
  ])
    assert.ok(USAGE.includes(`--${name}`), name);
});
