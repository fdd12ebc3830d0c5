// A session's settings and a reaper's: option before QW_ variable before default, each wrong one named by where it came
// from; an empty variable is none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { QwRunError } from '#src/errors.js';
import { resolveChoices } from '#src/reap/reap-options.js';
import { type OpenSessionOptions, resolveSettings, type Settings } from '#src/session/settings.js';
import { sandbox } from '../helpers/sandbox.js';

const settings = (options: OpenSessionOptions, env: NodeJS.ProcessEnv = {}) =>
  resolveSettings({ ...options, env });

describe('option, then variable, then default', () => {
  const table: [
    name: keyof Settings,
    options: OpenSessionOptions,
    env: NodeJS.ProcessEnv,
    expected: unknown,
  ][] = [
    ['graceMs', {}, {}, 5_000],
    ['graceMs', {}, { QW_GRACE: '7s' }, 7_000],
    ['graceMs', { grace: '9s' }, { QW_GRACE: '7s' }, 9_000],
    ['graceMs', { grace: 0 }, { QW_GRACE: '7s' }, 0],
    ['graceMs', { grace: '0' }, { QW_GRACE: '7s' }, 0],
    ['graceMs', {}, { QW_GRACE: '' }, 5_000],
    ['graceMs', {}, { QW_GRACE: '0' }, 0],
    ['graceMs', { grace: '30d' }, {}, 2 ** 31 - 1],
    ['graceMs', { grace: '1s' }, { QW_GRACE: 'nonsense' }, 1_000],
    ['survivors', {}, {}, 'end'],
    ['survivors', {}, { QW_SURVIVORS: 'keep' }, 'keep'],
    ['survivors', { survivors: 'end' }, { QW_SURVIVORS: 'keep' }, 'end'],
    ['survivors', {}, { QW_SURVIVORS: '' }, 'end'],
    ['daemon', {}, {}, undefined],
    ['daemon', {}, { QW_DAEMON: 'shared' }, 'shared'],
    ['daemon', { daemon: 'own' }, { QW_DAEMON: 'shared' }, 'own'],
    ['daemon', {}, { QW_DAEMON: '' }, undefined],
    ['tell', {}, {}, true],
    ['tell', {}, { QW_TELL: 'off' }, false],
    ['tell', { tell: true }, { QW_TELL: 'off' }, true],
    ['tell', { tell: false }, {}, false],
    ['maxAgeMs', {}, {}, 259_200_000],
    ['maxAgeMs', {}, { QW_MAX_AGE: '24h' }, 86_400_000],
    ['maxAgeMs', {}, { QW_MAX_AGE: '' }, 259_200_000],
    ['spare', {}, {}, []],
    ['spare', {}, { QW_SPARE: 'a,b' }, ['a', 'b']],
    ['spare', { spare: 'c' }, {}, ['c']],
    ['backend', {}, {}, 'auto'],
    ['backend', { backend: 'codex' }, {}, 'codex'],
    ['watchdog', {}, {}, true],
    ['watchdog', { watchdog: false }, {}, false],
    ['label', {}, {}, undefined],
    ['root', { root: '/r' }, { QW_ROOT: '/other' }, '/r'],
    ['cwd', {}, {}, process.cwd()],
    ['command', {}, {}, []],
  ];
  for (const [name, options, env, expected] of table) {
    test(`${name}: ${JSON.stringify(options)}, ${JSON.stringify(env)}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(settings(options, env)[name], expected);
    });
  }
  test('names to spare add up: an option takes none away', () => {
    assert.deepEqual(settings({ spare: ['c', 'd,e'] }, { QW_SPARE: 'a' }).spare.sort(), ['a', 'c', 'd', 'e']);
  });
  test('undefined is as good as not given', () => {
    const options = { grace: undefined, survivors: undefined, spare: undefined, backend: undefined, env: {} };
    assert.deepEqual(resolveSettings({ ...options, watchdog: undefined }), resolveSettings({ env: {} }));
  });
  test('the command is copied: changing it afterwards changes nothing', () => {
    const command = ['claude'];
    const resolved = settings({ command });
    command.push('-p');
    assert.deepEqual(resolved.command, ['claude']);
  });
});

describe('a wrong value is told with the name it came by', () => {
  const table: [named: RegExp, options: object, env: NodeJS.ProcessEnv][] = [
    [/QW_GRACE.*soon/, {}, { QW_GRACE: 'soon' }],
    [/^grace.*soon/, { grace: 'soon' }, { QW_GRACE: '5s' }],
    [/^grace/, { grace: -1 }, {}],
    [/^grace/, { grace: NaN }, {}],
    [/^grace/, { grace: '' }, {}],
    [/QW_MAX_AGE.*72/, {}, { QW_MAX_AGE: '72' }],
    [/QW_SURVIVORS.*Keep/, {}, { QW_SURVIVORS: 'Keep' }],
    [/^survivors.*all/, { survivors: 'all' }, { QW_SURVIVORS: 'keep' }],
    [/QW_DAEMON.*none/, {}, { QW_DAEMON: 'none' }],
    [/QW_TELL.*never/, {}, { QW_TELL: 'never' }],
    [/^daemon.*mine/, { daemon: 'mine' }, { QW_DAEMON: 'own' }],
    [/backend.*gpt/, { backend: 'gpt' }, {}],
    [/backend.*claude, codex/, { backend: '' }, {}],
  ];
  for (const [named, options, env] of table) {
    test(`${JSON.stringify(options)}, ${JSON.stringify(env)}: ${named}`, () => {
      assert.throws(
        () => settings(options as OpenSessionOptions, env),
        (error) => error instanceof QwRunError && error.code === 'ERR_QW_USAGE' && named.test(error.message),
      );
    });
  }
});

test('the reaper: option, then QW_MAX_AGE, then 72h; legacy and ending only on request', (t) => {
  const { dir, env } = sandbox(t);
  const ageOf = (maxAge: string | number | undefined, variable?: string) =>
    resolveChoices({
      maxAge,
      env: { ...env, TMPDIR: dir, ...(variable === undefined ? {} : { QW_MAX_AGE: variable }) },
    }).maxAgeMs;
  assert.deepEqual(
    [
      ageOf(undefined),
      ageOf(undefined, ''),
      ageOf(undefined, '24h'),
      ageOf('48h', '24h'),
      ageOf('48h', 'nonsense'),
    ],
    [72, 72, 24, 48, 48].map((hours) => hours * 3_600_000),
  );
  assert.throws(() => ageOf(undefined, '72'), /QW_MAX_AGE/);
  assert.throws(() => ageOf('soon', '24h'), /maxAge.*soon/);
  const { legacy, orphans, isDryRun } = resolveChoices({ env });
  assert.deepEqual([legacy.isTaken, orphans, isDryRun], [false, 'wait', false]);
  assert.throws(() => resolveChoices({ env, orphans: 'kill' as 'end' }), /orphans.*wait or end/);
});

test('the reaper: a max age of 0 is zero, as it says, and not the default', (t) => {
  const { env } = sandbox(t);
  assert.equal(resolveChoices({ env: { ...env, QW_MAX_AGE: '24h' }, maxAge: 0 }).maxAgeMs, 0);
});
