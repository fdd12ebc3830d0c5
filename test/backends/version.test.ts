// Which version of Claude is started: where it was installed says so; else its binary is asked, and only it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { profileNamed } from '#src/backends/profiles.js';
import { isBefore, parseVersion } from '#src/backends/version.js';
import { versionOf } from '#src/backends/version-of.js';
import { NO_NATIVE, native } from '../helpers/native.js';
import { sandbox } from '../helpers/sandbox.js';

const source = profileNamed('claude');

/** A place to install something in, its `bin` in PATH. */
function place(t: TestContext) {
  const { dir, cwd, env } = sandbox(t);
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const at = { env: { ...env, PATH: bin }, cwd };
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text, { mode: 0o755 });
    return join(dir, name);
  };
  const link = (target: string) => symlinkSync(join(dir, target), join(bin, 'claude'));
  const version = (...command: string[]) => versionOf(source, command, at)?.join('.');
  return { dir, bin, write, link, version };
}

const PACK = 'lib/node_modules/@anthropic-ai/claude-code';

describe('from where it is installed', () => {
  const layouts: [what: string, program: string, packed: string | undefined][] = [
    ['npm, JavaScript', `${PACK}/cli.js`, `${PACK}/package.json`],
    ['npm, native', `${PACK}/bin/claude.exe`, `${PACK}/package.json`],
    ['npm, platform package', `${PACK}-linux-x64/claude`, `${PACK}-linux-x64/package.json`],
    ['installer', 'share/claude/versions/2.1.50', undefined],
  ];
  for (const [what, program, packed] of layouts)
    test(what, (t) => {
      const { version, write, link } = place(t);
      write(program, '\x7fELF, but not to be run');
      if (packed) {
        const name = packed.replace(/^lib\/node_modules\/|\/package\.json$/g, '');
        write(packed, JSON.stringify({ name, version: '2.1.50' }));
      }
      link(program);
      assert.equal(version('claude', '-p', 'hi'), '2.1.50');
      assert.equal(version('timeout', '5', 'claude'), '2.1.50');
    });

  test('as npx is told', (t) => {
    const { version } = place(t);
    const pack = '@anthropic-ai/claude-code';
    assert.equal(version('npx', '-y', `${pack}@2.1.50`, '-p', 'hi'), '2.1.50');
    assert.equal(version('npx', '-p', `${pack}@2.1.50`, 'claude'), '2.1.50');
    assert.equal(version('npx', `--package=${pack}@2.1.50`, 'claude'), '2.1.50');
    for (const spec of [pack, `${pack}@latest`, `${pack}@2.1`, `${pack}@^2.1.50`])
      assert.equal(version('npx', spec), undefined);
  });

  const odd: [what: string, packed: string][] = [
    ['of another package', '{"name":"x","version":"2.1.50"}'],
    ['without a version', '{"name":"@anthropic-ai/claude-code"}'],
    ['that is broken', '{"name":'],
    ['that is no object', '[]'],
  ];
  for (const [what, packed] of odd)
    test(`not from a package.json ${what}, and a script is not asked`, (t) => {
      const { dir, version, write, link } = place(t);
      write(`${PACK}/cli.js`, `#!/bin/sh\ntouch ${dir}/was-run\necho "2.1.50 (Claude Code)"\n`);
      write(`${PACK}/package.json`, packed);
      link(`${PACK}/cli.js`);
      assert.equal(version('claude'), undefined);
      assert.ok(!existsSync(join(dir, 'was-run')));
    });

  test('of nothing there is none', (t) => {
    const { version } = place(t);
    for (const command of [['claude'], [], ['/nonexistent/claude'], ['timeout'], ['']])
      assert.equal(version(...command), undefined);
  });
});

describe('from the binary itself', { skip: NO_NATIVE }, () => {
  test('as it is now', (t) => {
    const { bin, version } = place(t);
    for (const text of ['2.1.50', '2.1.330']) {
      native(join(bin, 'claude'), `${text} (Claude Code)\n`);
      assert.equal(version('claude'), text);
    }
  });

  for (const text of [
    'codex-cli 0.169.0\n',
    '2.1.50\n',
    '2.1 (Claude Code)\n',
    'x 2.1.50 (Claude Code)\n',
    '\n',
  ])
    test(`not ${JSON.stringify(text)}: another program of that name`, (t) => {
      const { bin, version } = place(t);
      native(join(bin, 'claude'), text);
      assert.equal(version('claude'), undefined);
    });

  test('no longer than two seconds', (t) => {
    const { bin, version } = place(t);
    native(join(bin, 'claude'), '2.1.50 (Claude Code)\n', { stays: true });
    assert.equal(version('claude'), undefined);
  });
});

describe('order', () => {
  const number = fc.nat(1_000);
  test('is that of the numbers, and none counts as the newest', () => {
    assert.equal(isBefore([2, 1, 91], [2, 1, 92]), true);
    assert.equal(isBefore([2, 1, 92], [2, 1, 92]), false);
    assert.equal(isBefore([2, 0, 330], [2, 1, 92]), true);
    assert.equal(isBefore([3, 0, 0], [2, 1, 92]), false);
    assert.equal(isBefore(undefined, [2, 1, 92]), false);
    fc.assert(
      fc.property(fc.tuple(number, number, number), fc.tuple(number, number, number), (a, b) => {
        const key = ([x, y, z]: readonly number[]) => Number(x) * 1e8 + Number(y) * 1e4 + Number(z);
        assert.equal(isBefore(a, b), key(a) < key(b));
        assert.deepEqual(parseVersion(a.join('.')), a);
      }),
    );
  });
  test('of what is no version there is none', () => {
    for (const text of ['', '2.1', '2.1.', '2.1.5.6', 'v2.1.5', 'latest', '2.1.x', '1e3.0.0'])
      assert.equal(parseVersion(text), undefined, text);
    assert.deepEqual(parseVersion('2.1.5-beta.1'), [2, 1, 5]);
  });
});
