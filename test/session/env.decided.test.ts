// The environment of an agent: TMPDIR, TMP, TEMP and our own names set last, what leads elsewhere removed, the rest as
// it was; on Windows no second spelling of a name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { profileNamed } from '#src/backends/profiles.js';
import { outsideEnv, sessionEnv } from '#src/session/env.js';

const place = { id: 'abcd1234', root: '/r', tmpdir: '/r/abcd1234/tmp' };
const OURS = {
  TMPDIR: place.tmpdir,
  TMP: place.tmpdir,
  TEMP: place.tmpdir,
  QW_SESSION: place.id,
  QW_ROOT: '/r',
};
const envOf = (base: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux', backend = 'generic') =>
  sessionEnv(base, place, profileNamed(backend).env(place.tmpdir), platform);

describe('on Unix', () => {
  const table: [what: string, base: NodeJS.ProcessEnv, rest: object][] = [
    ['nothing', {}, {}],
    [
      'the rest as it was',
      { PATH: '/bin', A: '', 'odd name': '=' },
      { PATH: '/bin', A: '', 'odd name': '=' },
    ],
    [
      'values of another session replaced',
      { TMPDIR: '/x', TMP: '/x', TEMP: '/x', QW_SESSION: 'x', QW_ROOT: '/x' },
      {},
    ],
    ['variables of an outer Claude removed', { CLAUDE_CODE_TMPDIR: '/x', CLAUDE_TMPDIR: '/x' }, {}],
    ['no other variable of Claude removed', { CLAUDE_CONFIG_DIR: '/x' }, { CLAUDE_CONFIG_DIR: '/x' }],
    ['undefined is not set', { A: undefined, TMPDIR: undefined }, {}],
    ['other cases are other names', { tmpdir: '/x', Temp: '/y' }, { tmpdir: '/x', Temp: '/y' }],
    ['settings are handed on', { QW_GRACE: '1s', QW_SPARE: 'a' }, { QW_GRACE: '1s', QW_SPARE: 'a' }],
  ];
  for (const [what, base, rest] of table) {
    test(what, () => assert.deepEqual(envOf(base), { ...rest, ...OURS }));
  }
});

describe('on Windows', () => {
  const table: [what: string, base: NodeJS.ProcessEnv, rest: object][] = [
    [
      'no twin of ours in another case',
      { Temp: 'C:\\x', tmp: 'C:\\x', TmpDir: 'C:\\x', qw_root: 'C:\\x', Qw_Session: 'x' },
      {},
    ],
    ['none of those removed either', { claude_tmpdir: 'x', Claude_Code_TmpDir: 'x', CLAUDE_TMPDIR: 'x' }, {}],
    ['the rest in its own case', { Path: 'C:\\', windir: 'C:\\W' }, { Path: 'C:\\', windir: 'C:\\W' }],
  ];
  for (const [what, base, rest] of table) {
    test(what, () => assert.deepEqual(envOf(base, 'win32'), { ...rest, ...OURS }));
  }
});

test('Gemini is told not to start itself again; the others need nothing on top', () => {
  assert.deepEqual(envOf({}, 'linux', 'gemini'), { ...OURS, GEMINI_CLI_NO_RELAUNCH: 'true' });
  for (const backend of ['claude', 'codex', 'generic', 'from-the-future'])
    assert.deepEqual(envOf({ GEMINI_CLI_NO_RELAUNCH: 'x' }, 'linux', backend), {
      ...OURS,
      GEMINI_CLI_NO_RELAUNCH: 'x',
    });
});

test('any environment: ours are right, the rest is untouched, the given one is not changed', () => {
  const names = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('TMPDIR', 'Tmp', 'TEMP', 'QW_ROOT', 'CLAUDE_TMPDIR'),
  );
  const bases = fc.dictionary(names, fc.option(fc.string(), { nil: undefined }), { noNullPrototype: true });
  fc.assert(
    fc.property(bases, fc.constantFrom('linux', 'win32', 'darwin'), (base, platform) => {
      const given = structuredClone(base);
      const env = envOf(base, platform as NodeJS.Platform);
      assert.deepEqual(base, given);
      assert.deepEqual({ ...env, ...OURS }, env);
      const known = new Set([...Object.keys(OURS), 'CLAUDE_TMPDIR', 'CLAUDE_CODE_TMPDIR']);
      const same = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
      for (const [name, value] of Object.entries(given))
        if (!known.has(same(name)))
          assert.equal(Object.hasOwn(env, name) ? env[name] : undefined, value, name);
      if (platform !== 'win32') return;
      const upper = Object.keys(env).map((name) => name.toUpperCase());
      for (const name of known) assert.ok(upper.filter((it) => it === name).length <= 1, name);
    }),
  );
});

test('for a daemon that others use: nothing of a session, the rest as it is', () => {
  const own = { PATH: '/bin', TMPDIR: '/home/x/tmp', QW_ROOT: '/r', A: 'x' };
  assert.deepEqual(outsideEnv(own, { A: undefined, B: '1' }), {
    PATH: '/bin',
    TMPDIR: '/home/x/tmp',
    QW_ROOT: '/r',
    B: '1',
  });
  const nested = {
    PATH: '/bin',
    TMPDIR: '/r/abcd1234/tmp',
    TMP: '/r/abcd1234/tmp',
    QW_SESSION: 'abcd1234',
    QW_ROOT: '/r',
  };
  assert.deepEqual(outsideEnv(nested, {}), { PATH: '/bin' });
});
