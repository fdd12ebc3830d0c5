// Which names in a temp directory are one agent's own: rows that name it, never what sessions or users share.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { componentMatcher, components, globOf, type UnitPattern } from '#src/backends/patterns.js';
import { agentProfiles, profileNamed } from '#src/backends/profiles.js';

const UID = 1000;
const UUID = '01234567-89ab-cdef-0123-456789abcdef';

/** `path` is a unit by one of the patterns. */
const isUnit = (patterns: readonly UnitPattern[], path: string): boolean => {
  const names = path.split('/');
  return patterns.some((pattern) => {
    const wanted = components(pattern.path);
    return (
      wanted.length === names.length && wanted.every((it, at) => componentMatcher(it, UID)(names[at] ?? ''))
    );
  });
};

describe('left in the system temp directory', () => {
  const legacy = agentProfiles().flatMap((profile) => profile.legacy);
  const taken = [
    ...[
      `claude-${UID}/-home-x-project/${UUID}`,
      'claude-a1b2-cwd',
      `claude-${UID}/cwd-a1b2`,
      'claude-empty-a1B2c3',
    ],
    ...['claude-settings-0123456789abcdef.json', `claude-settings-${UUID}.json`, 'gemini-shell-a1b2C3'],
    'gemini-client-error-generateContent-api-2026-01-31T12-00-00-000Z.json',
    ...[`claude-${UID}/tmp.AbCdEfGhIj`, `claude-${UID}/tmp.AbCdEf`, `claude-${UID}/go-build123456`],
    // Files; find-units.test.ts has what a directory of that name is.
    ...[`claude-${UID}/build.log`, `claude-${UID}/tmp.x`, `claude-${UID}/cwd-mine`],
    ...[`claude-${UID}/fswatch-probe-a1B2c3`, 'fswatch-probe-a1B2c3'],
    ...['.1b9f5e7bfff6ff7d-00000000.so', '.1b9f5e7bfff6ff7d-00000001.so'],
  ];
  const never = [
    ...[`claude-${UID}`, 'claude', `claude/-home-x/${UUID}`, 'claude/cwd-a1b2'],
    ...[`claude-1001/-home-x/${UUID}`, `claude-${UID}0/-home-x/${UUID}`, `claude-${UID}/-home-x/${UUID}x`],
    ...[`claude-${UID}/-home-x/notes`, `claude-host-${UID}`, 'cc-socks', `cc-socks-${UID}`],
    ...[`cc-daemon-${UID}`, 'cc-socks/1234.sock', `claude-mcp-browser-bridge-x`, `codex-daemon-${UID}`],
    ...[`codex-bwrap-synthetic-mount-targets-${UID}`, '.git', '.agents', '.codex', '.aws', 'tmp.a1B2c3D4e5'],
    ...[
      '',
      '.',
      '..',
      '*',
      'x',
      'gemini',
      'claude-settings-x.json.bak',
      'my-claude-a1-cwd',
      'claude-a1-cwd/x',
    ],
    ...[`claude-${UID}/../${UUID}`, `claude-${UID}/.hidden/${UUID}`, `claude-${UID}/cwd-a/${UUID}/tasks/x`],
    ...['xgemini-shell-a1b2C3', '.gemini-shell-a1b2C3', `qw-${UID}`, 'claude-settings-xjson'],
    // Somebody's work.
    ...['gemini-shell-scripts', 'claude-empty-cart-bug', 'claude-and-me-cwd', 'claude-cwd', 'claude-empty-'],
    ...['claude-empty-a1B2c', 'claude-empty-a1B2c3d', 'claude-a1B2-cwd', 'claude-12345-cwd'],
    ...['claude-settings-prod.json', 'claude-settings-0123abcd.json', 'gemini-client-error-notes.json'],
    ...[`claude-${UID}/.hidden`, `claude-${UID}0/build.log`, 'claude/build.log', 'build.log', 'tmp.AbCdEf'],
    ...['go-build123456', 'fswatch-probe-notes', 'opencode', `.bun-${UID}-1a2b.node`, 'node-compile-cache'],
    ...['1b9f5e7bfff6ff7d-00000000.so', '.1b9f5e7bfff6ff7d-00000000.so.bak', '.libmine-00000000.so'],
  ];
  for (const path of taken) test(`${path} is one agent's`, () => assert.equal(isUnit(legacy, path), true));
  for (const path of never)
    test(`${path || 'no name'} never`, () => assert.equal(isUnit(legacy, path), false));
});

describe('gone stale in a TMPDIR of a session that lives', () => {
  const { units } = profileNamed('claude');
  const project = `claude-${UID}/-home-x`;
  const taken = [
    `${project}/${UUID}`,
    `${project}/${UUID}/tasks/b1.output`,
    'claude-12ab-cwd',
    'claude-empty-aB3dE6',
  ];
  const never = [
    'my-build',
    'node_modules',
    `claude-${UID}`,
    project,
    `${project}/${UUID}/tasks`,
    `${project}/${UUID}/x`,
  ];
  for (const path of taken) test(`${path} is a unit`, () => assert.equal(isUnit(units, path), true));
  for (const path of never) test(`${path} is none`, () => assert.equal(isUnit(units, path), false));
});

test('a pattern means its own characters, and * nothing beyond its component', () => {
  const matches = (pattern: string, name: string) => componentMatcher(pattern, UID)(name);
  assert.deepEqual(
    ['a.b', 'axb', 'a.bc', 'xa.b'].map((name) => matches('a.b', name)),
    [true, false, false, false],
  );
  assert.deepEqual(
    ['a', 'ab\nc', 'b', '.a'].map((name) => matches('a*', name)),
    [true, true, false, false],
  );
  assert.deepEqual(
    ['x-1000', 'x-<uid>', 'x-10000'].map((name) => matches('x-<uid>', name)),
    [true, false, false],
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (pattern, name) => {
      if (!/[*<]/.test(pattern))
        assert.equal(matches(pattern, name), pattern === name && !name.startsWith('.'));
    }),
  );
});

test('a person reads what a pattern means', () => {
  assert.deepEqual(
    [
      'claude-<uid>',
      'claude-empty-<random:6>',
      'gemini-client-error-*-<time>.json',
      'x-<uuid|hex:16>.json',
    ].map((component) => globOf(component, UID)),
    ['claude-1000', 'claude-empty-*', 'gemini-client-error-*.json', 'x-*.json'],
  );
});
