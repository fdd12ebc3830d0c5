// Where Claude's user settings lead past TMPDIR, its `--settings` says otherwise, with all that the user's own says; where
// nothing does, its arguments stay as they are.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MANAGED, settingsFlags } from '#src/backends/claude-settings.js';
import { profileNamed } from '#src/backends/profiles.js';
import type { Version } from '#src/backends/version.js';

const T = '/r/abcd1234/tmp';
const ELSEWHERE = { env: { TMPDIR: '/elsewhere' } };
type Content = Record<string, unknown>;

interface Facts {
  /** Contents of settings files. */
  found?: Content[];
  /** Files of the user's own. */
  files?: Record<string, Content>;
  version?: Version | undefined;
  canKeep?: boolean;
  /** The model is to be told of a full disk. */
  isTelling?: boolean;
  /** And that its commands do not get TMPDIR. */
  isStray?: boolean;
}

/** What Claude would be given: arguments, the settings files in them, what the user is told. */
function arranged(
  args: readonly string[],
  { found = [], files = {}, version, canKeep = true, isTelling = false, isStray = false }: Facts = {},
) {
  const kept: Content[] = [];
  const told: string[] = [];
  const given = profileNamed('claude').args(T, args, {
    version,
    found: found.map((content, at) => ({ path: `settings ${at}`, content })),
    read: (path) => {
      const content = files[path] ?? kept[Number(path.replace('kept ', ''))];
      if (!content) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return content;
    },
    hook: (event) => (isTelling ? `tell ${event}` : undefined),
    strayHook: (event) => (isStray ? `stray ${event}` : undefined),
    keep: (content) => (canKeep ? `kept ${kept.push(content) - 1}` : undefined),
    warn: (line) => told.push(line),
  });
  return { given, kept, told };
}

const NEW = { TMPDIR: T, CLAUDE_CODE_TMPDIR: '' };
const OLD = { TMPDIR: T, CLAUDE_CODE_TMPDIR: T };

describe('nothing is added', () => {
  const cases: [what: string, args: string[], facts: Facts][] = [
    ['without settings', ['-p', 'hi'], {}],
    ['to settings of other things', ['-p'], { found: [{ env: { A: '1' }, TMPDIR: '/x' }, {}] }],
    ['to settings that say the same', ['-p'], { found: [{ env: NEW }] }],
    ['to an env that is none', ['-p'], { found: [{ env: ['TMPDIR'] }, { env: 'TMPDIR' }, { env: null }] }],
    ['to a --settings of other things', ['--settings', '{"a":1}', '-p'], {}],
    ['to --settings without a value', ['-p', '--settings'], {}],
    ['for --settings behind --', ['-p', '--', '--settings', '{"env":{"TMPDIR":"/x"}}'], {}],
    ['to settings of the administrator, which outweigh ours', ['-p'], {}],
  ];
  for (const [what, args, facts] of cases)
    test(what, () => assert.deepEqual(arranged(args, facts), { given: args, kept: [], told: [] }));
});

describe('a settings file is given', () => {
  const own = '{"a":1,"env":{"B":"2","TMPDIR":"/x"}}';
  const cases: [what: string, args: string[], facts: Facts, given: string[], kept: Content[]][] = [
    ['first', ['-p', 'hi'], { found: [ELSEWHERE] }, ['--settings=kept 0', '-p', 'hi'], [{ env: NEW }]],
    ['alone', [], { found: [ELSEWHERE] }, ['--settings=kept 0'], [{ env: NEW }]],
    [
      'for CLAUDE_CODE_TMPDIR',
      ['-p'],
      { found: [{ env: { CLAUDE_CODE_TMPDIR: '/x' } }] },
      ['--settings=kept 0', '-p'],
      [{ env: NEW }],
    ],
    [
      'for a value that is no string',
      ['-p'],
      { found: [{ env: { TMPDIR: 5 } }] },
      ['--settings=kept 0', '-p'],
      [{ env: NEW }],
    ],
    [
      'whichever file says so',
      ['-p'],
      { found: [{}, ELSEWHERE, { env: NEW }] },
      ['--settings=kept 0', '-p'],
      [{ env: NEW }],
    ],
    [
      'with the JSON of the user',
      ['-p', '--settings', own, 'hi'],
      {},
      ['-p', '--settings=kept 0', 'hi'],
      [{ a: 1, env: { B: '2', ...NEW } }],
    ],
    [
      'joined as it was',
      [`--settings=${own}`],
      {},
      ['--settings=kept 0'],
      [{ a: 1, env: { B: '2', ...NEW } }],
    ],
    [
      'with a file of the user',
      ['mcp', '--settings', 'my.json'],
      { found: [ELSEWHERE], files: { 'my.json': { c: 3 } } },
      ['mcp', '--settings=kept 0'],
      [{ c: 3, env: NEW }],
    ],
    [
      'for each of several',
      ['--settings', '{"a":1}', '--settings=my.json', '--', '--settings', 'x'],
      { files: { 'my.json': ELSEWHERE } },
      ['--settings=kept 0', '--settings=kept 1', '--', '--settings', 'x'],
      [{ a: 1, env: NEW }, { env: NEW }],
    ],
    [
      'that sets both for a Claude before 2.1.92',
      ['-p'],
      { found: [ELSEWHERE], version: [2, 1, 91] },
      ['--settings=kept 0', '-p'],
      [{ env: OLD }],
    ],
    [
      'for one before 2.1.92 also where CLAUDE_CODE_TMPDIR is emptied',
      ['-p'],
      { found: [{ env: { CLAUDE_CODE_TMPDIR: '' } }], version: [2, 0, 77] },
      ['--settings=kept 0', '-p'],
      [{ env: OLD }],
    ],
    [
      'where an env of the user is none',
      ['--settings', '{"env":[1]}'],
      { found: [ELSEWHERE] },
      ['--settings=kept 0'],
      [{ env: NEW }],
    ],
  ];
  for (const [what, args, facts, given, kept] of cases)
    test(what, () => assert.deepEqual(arranged(args, facts), { given, kept, told: [] }));

  test('and given its own output, the same once more', () => {
    const { given, kept } = arranged(['-p', '--settings', own], { found: [ELSEWHERE] });
    const files = { 'kept 0': kept[0] as Content };
    const again = arranged(given, { found: [ELSEWHERE], files });
    assert.deepEqual(again, { given, kept, told: [] });
  });
});

describe('told, and the arguments stay', () => {
  const sets = /^settings 0 sets TMPDIR for claude: /;
  const cases: [what: string, args: string[], facts: Facts, told: RegExp][] = [
    ['a subcommand', ['mcp', 'list'], { found: [ELSEWHERE] }, sets],
    ['--bg', ['--bg', 'do it'], { found: [ELSEWHERE] }, sets],
    ['--bg with --settings', ['--bg', '--settings', '{}'], { found: [ELSEWHERE] }, sets],
    [
      'a command whose arguments are not ours to change',
      ['-p'],
      { found: [ELSEWHERE], canKeep: false },
      sets,
    ],
    ['--settings that are no JSON', ['--settings', '{"a":}'], {}, /^--settings of claude .*\(not JSON\)/],
    [
      '--settings that are no object',
      ['--settings', 'x'],
      { files: {} },
      /^--settings of claude .*\(ENOENT\)/,
    ],
    ['one of two', ['--settings', '{}', '--settings=x'], { found: [ELSEWHERE] }, /\(ENOENT\)/],
  ];
  for (const [what, args, facts, told] of cases)
    test(what, () => {
      const result = arranged(args, facts);
      assert.deepEqual([result.given, result.kept, result.told.length], [args, [], 1]);
      assert.match(result.told[0] ?? '', told);
    });

  test('settings of the administrator, which outweigh ours', () => {
    const settings = { version: undefined, found: [{ path: MANAGED, content: ELSEWHERE }] };
    const warnings = (more: object) => profileNamed('claude').warnings(T, { ...settings, ...more } as never);
    assert.match(warnings({}).join('\n'), /managed-settings\.json sets TMPDIR for claude: .*$/);
    assert.deepEqual(warnings({ found: [{ path: MANAGED, content: {} }] }), []);
  });
});

describe('the hook that tells the model of a full disk', () => {
  const OURS = {
    matcher: 'Bash',
    hooks: [{ type: 'command', command: 'tell PostToolUseFailure', timeout: 10 }],
  };
  const THEIRS = { matcher: '*', hooks: [{ type: 'command', command: 'mine' }] };
  const WITH = { hooks: { PostToolUseFailure: [OURS] } };
  const telling = { isTelling: true, version: [2, 1, 138] } satisfies Facts;
  const handingOn = { isTelling: true, version: [2, 1, 139] } satisfies Facts;
  const added: [what: string, args: string[], facts: Facts, kept: Content][] = [
    ['alone', ['-p', 'hi'], {}, WITH],
    ['without arguments', [], {}, WITH],
    ['with a TMPDIR that outweighs', ['-p'], { found: [ELSEWHERE] }, { env: NEW, ...WITH }],
    [
      'to those of the user in a --settings',
      ['--settings', JSON.stringify({ a: 1, hooks: { Stop: [THEIRS], PostToolUseFailure: [THEIRS] } })],
      {},
      { a: 1, hooks: { Stop: [THEIRS], PostToolUseFailure: [THEIRS, OURS] } },
    ],
    ['to the oldest that has it', ['-p'], { version: [2, 1, 50] }, WITH],
    [
      'where the settings that count turn hooks on again',
      ['-p'],
      { found: [{ disableAllHooks: true }, { disableAllHooks: false }] },
      WITH,
    ],
  ];
  for (const [what, args, facts, kept] of added)
    test(`is added ${what}`, () => {
      const result = arranged(args, { ...telling, ...facts });
      assert.deepEqual([result.kept, result.told], [[kept], []]);
      assert.equal(result.given.filter((arg) => arg === '--settings=kept 0').length, 1);
    });

  const words: [what: string, args: string[], given: object[]][] = [
    ['alone', ['-p', 'hi'], [WITH]],
    ['to JSON of the user', ['-p', '--settings', '{"a":1}', 'hi'], [{ a: 1, ...WITH }]],
    ['to each of several', ['--settings={"a":1}', '--settings', '{}'], [{ a: 1, ...WITH }, WITH]],
  ];
  for (const [what, args, contents] of words)
    test(`is JSON, not a file that would be gone, ${what}, where conversations go on in the background`, () => {
      const { given, kept, told } = arranged(args, { ...handingOn, canKeep: false });
      const found = settingsFlags(given).map(({ value, isJoined }) => [isJoined, JSON.parse(value)]);
      assert.deepEqual(
        found,
        contents.map((content) => [true, content]),
      );
      assert.deepEqual([othersOf(given), kept, told], [othersOf(args), [], []]);
      assert.deepEqual(arranged(given, handingOn).given, given);
    });
  const asFile: [what: string, args: string[], facts: Facts][] = [
    ['beside a TMPDIR that outweighs', ['-p'], { found: [ELSEWHERE] }],
    ['with a file of the user', ['--settings', 'x'], { files: { x: { a: 1 } } }],
    ['with one of two', ['--settings', 'x', '--settings={}'], { files: { x: {} } }],
  ];
  for (const [what, args, facts] of asFile)
    test(`is in a file there, too, ${what}`, () => {
      const { given, kept } = arranged(args, { ...handingOn, ...facts });
      assert.ok(given.includes('--settings=kept 0'));
      assert.ok(kept.length > 0);
    });

  const left: [what: string, args: string[], facts: Facts][] = [
    ['a subcommand', ['mcp', 'list'], {}],
    ['--bg', ['--bg', 'do it'], {}],
    ['--version', ['--version'], {}],
    ['a version without it', ['-p'], { version: [2, 1, 49] }],
    ['a version that nobody knows: it may be no Claude', ['-p'], { version: undefined }],
    ['hooks that are turned off', ['-p'], { found: [{ disableAllHooks: true }] }],
    ['hooks turned off by --settings', ['--settings', '{"disableAllHooks":true}'], {}],
    ['hooks of the administrator alone', ['-p'], { found: [{ allowManagedHooksOnly: true }] }],
    ['no file to be had', ['-p'], { canKeep: false }],
  ];
  for (const [what, args, facts] of left)
    test(`is left out for ${what}, without a word`, () =>
      assert.deepEqual(arranged(args, { ...telling, ...facts }), { given: args, kept: [], told: [] }));

  for (const hooks of ['none', [1], { PostToolUseFailure: 'none' }])
    test(`leaves hooks as they are that are no hooks: ${JSON.stringify(hooks)}`, () => {
      const { kept } = arranged(['--settings', JSON.stringify({ hooks })], telling);
      assert.deepEqual(kept, [{ hooks }]);
    });

  test('--settings that are no JSON are passed on, and that is said once', () => {
    const args = ['--settings', '{"hooks":}'];
    const { given, kept, told } = arranged(args, telling);
    assert.deepEqual([given, kept, told.length], [args, [], 1]);
  });

  test('is there once, also when its own output comes back', () => {
    const { given, kept } = arranged(['-p', '--settings', '{"a":1}'], telling);
    const again = arranged(given, { files: { 'kept 0': kept[0] as Content }, ...telling });
    assert.deepEqual(again.kept, kept);
  });
});

describe('the hook that tells of a conversation without TMPDIR', () => {
  const OURS = {
    matcher: 'startup|resume|fork',
    hooks: [{ type: 'command', command: 'stray SessionStart', timeout: 10 }],
  };
  const wanted = { isStray: true, version: [2, 1, 139] } satisfies Facts;
  const added: [what: string, args: string[], facts: Facts, given: object][] = [
    ['alone', ['say hi'], {}, { hooks: { SessionStart: [OURS] } }],
    ['to one who goes on', ['--resume', 'x'], {}, { hooks: { SessionStart: [OURS] } }],
    [
      "to its user's",
      ['--settings={"hooks":{"SessionStart":[1]}}'],
      {},
      { hooks: { SessionStart: [1, OURS] } },
    ],
    [
      'beside that for a full disk',
      [],
      { isTelling: true },
      {
        hooks: {
          PostToolUseFailure: [
            {
              matcher: 'Bash',
              hooks: [{ type: 'command', command: 'tell PostToolUseFailure', timeout: 10 }],
            },
          ],
          SessionStart: [OURS],
        },
      },
    ],
  ];
  for (const [what, args, facts, content] of added)
    test(`is added ${what}`, () => {
      const result = arranged(args, { ...wanted, ...facts });
      const [flag] = settingsFlags(result.given);
      assert.deepEqual([JSON.parse(flag?.value ?? ''), result.kept, result.told], [content, [], []]);
      assert.deepEqual(arranged(result.given, { ...wanted, ...facts }).given, result.given, 'once');
    });

  const left: [what: string, args: string[], facts: Facts][] = [
    ['a version that sends none to the background', [], { version: [2, 1, 138] }],
    ['one that nobody knows', [], { version: undefined }],
    ['-p', ['-p', 'hi'], {}],
    ['-p among other letters', ['-cp', 'hi'], {}],
    ['--print', ['say hi', '--print'], {}],
    ['what is printed as JSON', ['--output-format', 'stream-json'], {}],
    ['the same in one word', ['--input-format=stream-json'], {}],
    ['--bg', ['--bg', 'hi'], {}],
    ['a subcommand', ['mcp', 'list'], {}],
    ['hooks that are turned off', ['say hi'], { found: [{ disableAllHooks: true }] }],
  ];
  for (const [what, args, facts] of left)
    test(`is left out for ${what}`, () =>
      assert.deepEqual(arranged(args, { ...wanted, ...facts }), { given: args, kept: [], told: [] }));
});

test('whatever the arguments, those of others stay in order, and nothing after -- is touched', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '--settings',
      '--settings=x.json',
      '--settings={"a":1}',
      '--',
      '-p',
      'x.json',
      '--bg',
      '{}',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word), (args) => {
      const { given } = arranged(args, { found: [ELSEWHERE], files: { 'x.json': {} } });
      assert.deepEqual(othersOf(given), othersOf(args));
      const end = args.indexOf('--');
      if (end >= 0) assert.deepEqual(given.slice(given.indexOf('--')), args.slice(end));
    }),
  );
});

/** Without those of its settings. */
function othersOf(args: readonly string[]): string[] {
  const flags = settingsFlags(args);
  const own = new Set(flags.flatMap(({ index, isJoined }) => (isJoined ? [index] : [index, index + 1])));
  return args.filter((_, at) => !own.has(at));
}

describe('--settings is found', () => {
  for (const [what, args, values] of [
    ['in one word, and in two', ['--settings=a', '-p', '--settings', 'b', 'hi'], ['a', 'b']],
    [
      'behind a value with hyphens',
      ['--append-system-prompt', '- tabs - no semicolons', '--settings', 'a'],
      ['a'],
    ],
    ['behind short options with a value', ['-r6f0d1c2a-1', '-wfix-a', '--settings', 'a'], ['a']],
    ['with a value that begins with a hyphen', ['--settings', '-a-b', 'x'], ['-a-b']],
    ['not behind --', ['-p', '--', '--settings', 'a'], []],
    ['not without a value', ['-p', '--settings'], []],
  ] as const)
    test(what, () => {
      const found = settingsFlags(args);
      assert.deepEqual(
        found.map(({ value }) => value),
        values,
      );
      for (const { index } of found) assert.match(args[index] ?? '', /^--settings/);
    });
});
