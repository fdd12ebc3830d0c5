// What documents name is there, and what is there is documented: options, variables, error codes, scripts, files.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Finished } from '../helpers/cli.js';
import { blocksIn, commandsIn, PAGES, proseOf, readPage } from '../helpers/documents.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { runMany } from '../helpers/run-many.js';

const COMMANDS = ['list', 'show', 'reap', 'rm', 'log', 'explain', 'shell', 'roots', 'doctor'];

/** Every option that a help screen names. */
function optionsOf({ stdout }: Finished): Set<string> {
  const lines = stdout.match(/^ {2,}-.*/gm) ?? [];
  return new Set(
    lines.flatMap((line) => /^ +((?:--?[a-z][\w-]*(?:, )?)+)/.exec(line)?.[1]?.split(', ') ?? []),
  );
}

const screens = [[qwRun, '--help'], [qwTmp, 'help'], ...COMMANDS.map((command) => [qwTmp, 'help', command])];
const [ofRun = new Set<string>(), general = new Set<string>(), ...ofEach] = runMany(
  { options: { cwd: repoRoot, env: process.env } },
  screens.map(([bin = '', ...args]) => ({ bin, args })),
).map(optionsOf);
ofRun.add('-h');
const ofTmp = new Map(COMMANDS.map((command, at) => [command, new Set(ofEach[at]).add('-h').add('--help')]));
for (const [alias, command] of [['ls', 'list']] as const) ofTmp.set(alias, ofTmp.get(command) as Set<string>);
const ours = new Set([...ofRun, ...general, ...[...ofTmp.values()].flatMap((options) => [...options])]);

/** Options of other programs that documents name by themselves. */
const THEIRS = new Set(
  `--bg --settings --no-daemon --zen --remote --enable --separate-git-dir --preserve-env --unshare-pid --die-with-parent
  --work-tree --profile --security-opt --setenv`.split(/\s+/),
);

const codeIn = (page: string) => [
  ...[...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
  ...blocksIn(readPage(page)).flatMap(commandsIn),
];

/** The options that a command line gives to qw-run or qw-tmp themselves, with those that they take. */
function givenIn(code: string): { option: string; takes: Set<string> }[] {
  return [...code.matchAll(/(?<![\w./-])(qw-run|qw-tmp)((?: +[^\s|;&)]+)*)/g)].flatMap(
    ([, bin, rest = '']) => {
      const words = rest.trim().split(/ +/);
      const end = bin === 'qw-run' ? words.findIndex((word, at) => isCommand(words, word, at)) : -1;
      const own = end < 0 ? words : words.slice(0, end);
      const takes = bin === 'qw-run' ? ofRun : (ofTmp.get(words[0] ?? '') ?? general);
      return own
        .filter((word) => /^--?[a-z]/.test(word))
        .map((option) => ({ option: option.replace(/=.*/, ''), takes }));
    },
  );
}

/** Whether this word starts the command, after which nothing is qw-run's. */
const isCommand = (words: string[], word: string, at: number) =>
  word === '--' ||
  (!word.startsWith('-') && !/^--[a-z-]+$/.test(words[at - 1] ?? '')) ||
  (/^--(keep|quiet|no-)/.test(words[at - 1] ?? '') && !word.startsWith('-'));

for (const page of PAGES)
  test(`${page}: every option, variable, code, script and file it names is there`, () => {
    const wrong: string[] = [];
    for (const code of codeIn(page)) {
      for (const { option, takes } of givenIn(code))
        if (!takes.has(option)) wrong.push(`${option} in ${code}`);
      const [, alone] = /^(--[a-z][\w-]*)(?:[ =][^`]*)?$/.exec(code) ?? [];
      if (alone && !page.startsWith('docs/evidence/') && !ours.has(alone) && !THEIRS.has(alone))
        wrong.push(code);
      const [, path] = /^((?:src|test|examples)\/[\w./-]+)$/.exec(code) ?? [];
      if (path && !existsSync(join(repoRoot, path))) wrong.push(path);
    }
    for (const [name] of readPage(page).matchAll(/\b(ERR_)?QW_[A-Z]+(_[A-Z]+)*\b/g))
      if (!NAMES.has(name)) wrong.push(name);
    for (const [, script = ''] of readPage(page).matchAll(/npm run (?:--silent )?([\w:]+)/g))
      if (!(script in SCRIPTS) && script !== 'claude') wrong.push(`npm run ${script}`);
    assert.deepEqual(wrong, []);
  });

const sources = readdirSync(join(repoRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|sh)$/.test(name))
  .map((name) => readFileSync(join(repoRoot, 'src', name), 'utf8'));
/** Variables and error codes of the programs; constants of the code are called alike. */
const VARIABLES = new Set(
  sources
    .flatMap((text) => text.match(/\bQW_[A-Z]+(?:_[A-Z]+)*\b/g) ?? [])
    .filter((name) => !/^QW_(VERSION|(RUN|TMP)_HELP|TELL_COMMAND)$/.test(name)),
);
const CODES = new Set(sources.flatMap((text) => text.match(/\bERR_QW_[A-Z_]+[A-Z]\b/g) ?? []));
/** Others' own: of the script in docs/shell.md, of examples, of our campaigns. */
const NAMES = new Set([
  ...VARIABLES,
  ...CODES,
  'QW_SHIM',
  'QW_LEGACY',
  'QW_TELL_COMMAND',
  'QW_AGENTS_CACHE',
  'QW_MODEL_RUNS',
]);
const SCRIPTS = JSON.parse(readPage('package.json')).scripts as Record<string, string>;

describe('what is there is documented', () => {
  const documented = (pages: string[], word: string) =>
    pages.some((page) => new RegExp(`^\\|.*\`[^\`]*(?<![\\w-])${word}(?![\\w-])`, 'm').test(readPage(page)));

  test('every option of qw-run', () => {
    assert.ok(ofRun.size > 15);
    assert.deepEqual(
      [...ofRun].filter((option) => !documented(['docs/cli.md'], option)),
      [],
    );
  });

  test('every option of qw-tmp', () => {
    /** Told once for all commands, in prose. */
    const common = ['-h', '--help', '--version', '--root', '--json'];
    const all = [...ofTmp].flatMap(([command, options]) =>
      [...options].map((option) => [command, option] as const),
    );
    assert.ok(all.length > 40);
    assert.deepEqual(
      all.filter(
        ([, option]) => !common.includes(option) && !documented(['docs/qw-tmp.md', 'docs/doctor.md'], option),
      ),
      [],
    );
    for (const option of ['--root DIR', '--json'])
      assert.ok(proseOf('docs/qw-tmp.md').includes(`\`${option}\``));
  });

  test('every variable', () => {
    assert.ok(VARIABLES.size > 10);
    const page = readPage('docs/cli.md');
    assert.deepEqual(
      [...VARIABLES].filter((name) => !page.includes(`\`${name}`)),
      [],
    );
  });

  test('every error code, in docs/api.md', () => {
    assert.ok(CODES.size > 8);
    assert.deepEqual(
      [...CODES].filter((code) => !documented(['docs/api.md'], code)),
      [],
    );
  });
});
