// What both programs say about themselves, and how they refuse what cannot be meant: one line that names it and the way out.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { runMany } from '../helpers/run-many.js';
import { type Scene, scene } from '../helpers/scene.js';

/** Not even the root or a note of it was made. */
function nothingMade({ box, nothingLeft }: Scene): void {
  nothingLeft();
  assert.deepEqual(readdirSync(box.dir).sort(), ['home', 'w']);
  assert.deepEqual(readdirSync(join(box.dir, 'home')), []);
}

const BINS = { 'qw-run': qwRun, 'qw-tmp': qwTmp };
type Bin = keyof typeof BINS;

const PROMISED = {
  'qw-run':
    'root label backend grace survivors spare daemon keep no-wait no-tell no-watchdog quiet version help',
  'qw-tmp': 'root json version help',
};
const VARIABLES = {
  'qw-run': 'ROOT GRACE SURVIVORS SPARE DAEMON ISOLATE MAX_AGE TELL WORKTREES LOG REAP',
  'qw-tmp': 'ROOT MAX_AGE SPARE LOW TARGET WORKTREES LOG REAP',
};
const COMMANDS = {
  list: 'state sort quiet wide watch every root json',
  reap: 'dry-run max-age orphans legacy low target root json',
  rm: 'kept orphans all yes force root json',
  doctor: 'time root json',
};
/** At most forty lines of at most a hundred columns, examples before options. */
function isScreen(stdout: string, name: Bin): void {
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length <= 40 && lines.every((line) => line.length <= 100), stdout);
  const example = lines.findIndex((line) => line.startsWith(`  ${name} `));
  assert.ok(example > 0 && example < lines.findIndex((line) => /^ {2}-/.test(line)), stdout);
}

test('help and version', async (t) => {
  const here = scene(t);
  /** What each prints; it succeeds in silence. */
  const printed = (name: Bin, ...lines: string[][]): string[] =>
    runMany(
      here,
      lines.map((args) => ({ bin: BINS[name], args })),
    ).map(({ stdout, ...rest }) => {
      assert.deepEqual(rest, { code: 0, signal: null, stderr: '' });
      return stdout;
    });

  for (const name of ['qw-run', 'qw-tmp'] as const)
    await t.test(`of ${name}: one screen with every option, and the package's version`, () => {
      const [help = '', h, version] = printed(name, ['--help'], ['-h'], ['--version']);
      isScreen(help, name);
      assert.equal(h, help);
      for (const option of PROMISED[name].split(' ')) assert.ok(help.includes(`--${option}`), option);
      for (const variable of VARIABLES[name].split(' ')) assert.ok(help.includes(`QW_${variable}`), variable);
      assert.equal(version, `${JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')).version}\n`);
    });

  for (const [command, options] of Object.entries(COMMANDS))
    await t.test(`of qw-tmp ${command}: a screen of its own with its options`, () => {
      const [screen = '', help, all = ''] = printed(
        'qw-tmp',
        [command, '--help'],
        ['help', command],
        ['help'],
      );
      isScreen(screen, 'qw-tmp');
      for (const option of options.split(' ')) assert.ok(screen.includes(`--${option}`), option);
      assert.equal(help, screen);
      assert.match(all, new RegExp(`^  ${command}\\b`, 'm'));
    });

  await t.test('qw-tmp help is --help; -h is heard beside an option that makes no sense', () => {
    const lines = [['help'], ['--help'], ['ls', '--nonsense', '-h'], ['help', 'list']];
    const [help, option, ls, list] = printed('qw-tmp', ...lines);
    assert.deepEqual([help, ls], [option, list]);
  });
  nothingMade(here);
});

const REFUSED: [bin: Bin, args: string[], named: RegExp, more?: NodeJS.ProcessEnv][] = [
  ['qw-run', [], /no command.*qw-run claude.*--help/],
  ['qw-run', ['--'], /no command/],
  ['qw-run', ['--no-such-option', 'true'], /--no-such-option.*--help/],
  ['qw-run', ['-x', 'true'], /-x/],
  ['qw-run', ['--no-such\u001b[31m\noption', 'true'], /--no-such/],
  ['qw-run', ['--keep=yes', 'true'], /--keep/],
  ['qw-run', ['--root'], /--root/],
  ['qw-run', ['--root', '--', 'true'], /--root/],
  ['qw-run', ['--root=', 'true'], /--root/],
  ['qw-run', ['--label', '', 'true'], /--label/],
  ['qw-run', ['--label', '--keep', 'true'], /--label needs a value.*--label=-x.*--help/],
  ['qw-tmp', ['reap', '--max-age', '-1h'], /--max-age needs a value.*--max-age=-x/],
  ['qw-run', ['--grace', 'soon', 'true'], /grace.*5s.*"soon"/],
  ['qw-run', ['--grace', '5', 'true'], /grace.*5s.*"5"/],
  ['qw-run', ['--grace=-1s', 'true'], /grace.*"-1s"/],
  ['qw-run', ['--backend', 'gpt', 'true'], /backend.*auto.*claude.*codex.*gemini.*generic.*"gpt"/],
  ['qw-run', ['--survivors', 'perhaps', 'true'], /survivors.*end or keep.*"perhaps"/],
  ['qw-run', ['true'], /QW_GRACE.*"soon"/, { QW_GRACE: 'soon' }],
  ['qw-run', ['true'], /QW_SURVIVORS.*"all"/, { QW_SURVIVORS: 'all' }],
  ['qw-run', ['true'], /QW_MAX_AGE.*"old"/, { QW_MAX_AGE: 'old' }],
  ['qw-tmp', [], /no command.*list.*--help/],
  ['qw-tmp', ['purge'], /purge.*--help/],
  ['qw-tmp', ['toString'], /toString/],
  ['qw-tmp', ['list', '--no-such-option'], /--no-such-option.*--help/],
  ['qw-tmp', ['list', 'abcdefgh'], /abcdefgh/],
  ['qw-tmp', ['reap', 'abcdefgh'], /abcdefgh/],
  ['qw-tmp', ['list', '--force'], /--force.*list/],
  ['qw-tmp', ['rm', '--dry-run', 'abcdefgh'], /--dry-run.*rm/],
  ['qw-tmp', ['doctor', 'abcdefgh'], /abcdefgh/],
  ['qw-tmp', ['doctor', '--force'], /--force.*doctor/],
  ['qw-tmp', ['list', '--time', '5s'], /--time.*list/],
  ['qw-tmp', ['doctor', '--time', 'soon'], /time.*"soon"/],
  ['qw-tmp', ['rm'], /rm.*id.*qw-tmp list/],
  ['qw-tmp', ['reap', '--max-age', 'old'], /max-?age.*"old"/i],
  ['qw-tmp', ['reap', '--orphans', 'eat'], /orphans.*"eat"/],
  ['qw-run', ['--lable', 'x', 'true'], /unknown option --lable; did you mean --label\?/],
  ['qw-run', ['--grace', 'soon', 'true'], /^qw-run: --grace needs/],
  [
    'qw-run',
    ['--backend', 'gpt', 'true'],
    /^qw-run: --backend must be auto, claude, [a-z, ]+ or generic, not "gpt"/,
  ],
  ['qw-run', ['--size', '1G', 'true'], /^qw-run: --size needs --isolate tmpfs or tmp$/m],
  ['qw-tmp', ['reap', '--max-age', 'old'], /^qw-tmp: --max-age needs/],
  ['qw-tmp', ['reap', '--low', '5%', '--target', '1%'], /^qw-tmp: --target .* below --low/],
  ['qw-tmp', ['doctor', '--time', 'soon'], /^qw-tmp: --time needs/],
  ['qw-run', ['-keep', 'true'], /unknown option -keep; did you mean --keep\?/],
  ['qw-tmp', ['-v'], /unknown option -v; did you mean --version\?/],
  ['qw-tmp', ['rm', '-f', 'abcdefgh'], /unknown option -f; did you mean --force\?/],
  ['qw-tmp', ['kill', 'abcdefgh'], /did you mean rm --force\?/],
  ['qw-tmp', ['lst'], /no such command: lst; did you mean list or ls\? see --help/],
  ['qw-tmp', ['prune'], /did you mean reap\?/],
  ['qw-tmp', ['help', 'dokter'], /no such command: dokter; did you mean doctor\?/],
  [
    'qw-tmp',
    ['reap', '--dryrun'],
    /unknown option --dryrun; did you mean --dry-run\? see qw-tmp reap --help/,
  ],
  ['qw-tmp', ['list', '--force'], /list has no option --force: it is an option of rm;/],
  ['qw-tmp', ['list', '--state', 'kpet'], /--state must be live, .*, not "kpet"; did you mean kept\?/],
  ['qw-tmp', ['list', '--sort', 'colour'], /--sort must be age, size, growth, label or state, not "colour"/],
  ['qw-tmp', ['list', '--watch'], /--watch needs a terminal/],
  ['qw-tmp', ['list', '--watch', '--every', '0'], /--every must be between 500ms and 24d/],
  ['qw-tmp', ['list', '--every', '3s'], /--every needs --watch/],
  ['qw-tmp', ['rm', '--kept', 'abcdefgh'], /names or --kept, not both/],
  ['qw-tmp', ['rm', '--kept'], /no terminal to ask at.*--yes/],
  ['qw-tmp', ['rm', '--all', '--force'], /no terminal to ask at.*--yes/],
  ['qw-tmp', ['list'], /QW_MAX_AGE.*"old"/, { QW_MAX_AGE: 'old' }],
];

test('what cannot be meant is refused in one line, and nothing is made', async (t) => {
  const here = scene(t);
  const lines = REFUSED.map(([name, args, , env = {}]) => ({ bin: BINS[name], args, env }));
  const all = runMany(here, lines);
  for (const [at, [name, args, named, more = {}]] of REFUSED.entries()) {
    const variables = Object.entries(more).map(([key, value]) => `${key}=${value} `);
    await t.test(`${variables.join('')}${name} ${JSON.stringify(args)}`, () => {
      const { code, signal, stdout, stderr } = all[at] ?? assert.fail();
      assert.deepEqual([code, signal, stdout], [name === 'qw-run' ? 125 : 2, null, ''], stderr);
      assert.match(stderr, new RegExp(`^${name}: [ -~]+\\n$`));
      assert.match(stderr, named);
    });
  }
  nothingMade(here); // nor a root
});
