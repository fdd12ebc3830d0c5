// What both programs say about themselves, and how they refuse what cannot be meant: one line that names it and the way out.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

/** Not even the root or a note of it was made. */
function nothingMade({ box, nothingLeft }: Scene): void {
  nothingLeft();
  assert.deepEqual(readdirSync(box.dir).sort(), ['home', 'w']);
  assert.deepEqual(readdirSync(join(box.dir, 'home')), []);
}

const bins = [
  ['qw-run', qwRun],
  ['qw-tmp', qwTmp],
] as const;

describe('help and version', { concurrency: 2 }, () => {
  for (const [name, bin] of bins) {
    for (const flag of ['--help', '-h']) {
      test(`${name} ${flag} is one screen on stdout, examples first`, async (t) => {
        const here = scene(t);
        const { code, signal, stdout, stderr } = await run(bin, [flag], here.options);
        assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
        const lines = stdout.trimEnd().split('\n');
        assert.ok(lines.length <= 40, `${lines.length} lines`);
        for (const line of lines) assert.ok(line.length <= 100, line);
        const example = lines.findIndex((line) => line.startsWith(`  ${name} `));
        const options = lines.findIndex((line) => line.startsWith('  --'));
        assert.ok(example > 0 && example < options, stdout);
        nothingMade(here);
      });
    }

    test(`${name} --version is the package's`, async (t) => {
      const here = scene(t);
      const { version } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
      const { code, stdout, stderr } = await run(bin, ['--version'], here.options);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${version}\n`, stderr: '' });
      nothingMade(here);
    });
  }

  const promised = {
    'qw-run':
      'root label backend grace survivors spare daemon keep no-wait no-tell no-watchdog quiet version help',
    'qw-tmp': 'root json version help',
  };
  for (const [name, bin] of bins) {
    test(`${name} --help names every option`, async (t) => {
      const { stdout } = await run(bin, ['--help'], scene(t).options);
      for (const option of promised[name].split(' ')) assert.ok(stdout.includes(`--${option}`), option);
    });
  }

  const commands = {
    list: 'state sort quiet wide watch every root json',
    reap: 'dry-run max-age orphans legacy low target root json',
    rm: 'kept orphans all yes force root json',
    doctor: 'time root json',
  };
  for (const [command, options] of Object.entries(commands)) {
    test(`qw-tmp ${command} has a screen of its own, examples first, with its options`, async (t) => {
      const here = scene(t);
      const { code, stdout, stderr } = await run(qwTmp, [command, '--help'], here.options);
      assert.deepEqual([code, stderr], [0, '']);
      const lines = stdout.trimEnd().split('\n');
      assert.ok(lines.length <= 40 && lines.every((line) => line.length <= 100), stdout);
      const example = lines.findIndex((line) => line.startsWith('  qw-tmp '));
      assert.ok(example > 0 && example < lines.findIndex((line) => /^ {2}-/.test(line)), stdout);
      for (const option of options.split(' ')) assert.ok(stdout.includes(`--${option}`), option);
      assert.equal((await run(qwTmp, ['help', command], here.options)).stdout, stdout);
      assert.match((await run(qwTmp, ['--help'], here.options)).stdout, new RegExp(`^  ${command}\\b`, 'm'));
      nothingMade(here);
    });
  }

  test('qw-tmp help is what qw-tmp --help is; -h is heard beside an option that makes no sense', async (t) => {
    const { options } = scene(t);
    const [help, option] = [await run(qwTmp, ['help'], options), await run(qwTmp, ['--help'], options)];
    assert.deepEqual([help.code, help.stdout], [0, option.stdout]);
    const list = await run(qwTmp, ['ls', '--nonsense', '-h'], options);
    assert.deepEqual([list.code, list.stdout], [0, (await run(qwTmp, ['help', 'list'], options)).stdout]);
  });
});

describe('what cannot be meant is refused in one line, and nothing is made', { concurrency: 2 }, () => {
  const table: [bin: 'qw-run' | 'qw-tmp', args: string[], named: RegExp, more?: NodeJS.ProcessEnv][] = [
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
    ['qw-tmp', ['list', '--state', 'kpet'], /--state "kpet".*did you mean kept\?/],
    [
      'qw-tmp',
      ['list', '--sort', 'colour'],
      /--sort must be age, size, growth, label or state, not "colour"/,
    ],
    ['qw-tmp', ['list', '--watch'], /--watch needs a terminal/],
    ['qw-tmp', ['list', '--watch', '--every', '0'], /--every must be between 500ms and 24d/],
    ['qw-tmp', ['list', '--every', '3s'], /--every needs --watch/],
    ['qw-tmp', ['rm', '--kept', 'abcdefgh'], /names or --kept, not both/],
    ['qw-tmp', ['rm', '--kept'], /no terminal to ask at.*--yes/],
    ['qw-tmp', ['rm', '--all', '--force'], /no terminal to ask at.*--yes/],
    ['qw-tmp', ['list'], /QW_MAX_AGE.*"old"/, { QW_MAX_AGE: 'old' }],
  ];
  for (const [name, args, named, more = {}] of table) {
    const variables = Object.entries(more).map(([key, value]) => `${key}=${value} `);
    test(`${variables.join('')}${name} ${JSON.stringify(args)}`, async (t) => {
      const here = scene(t);
      const env = { ...here.options.env, ...more };
      const { code, signal, stdout, stderr } = await run(name === 'qw-run' ? qwRun : qwTmp, args, {
        ...here.options,
        env,
      });
      assert.deepEqual([code, signal, stdout], [name === 'qw-run' ? 125 : 2, null, ''], stderr);
      assert.match(stderr, new RegExp(`^${name}: [ -~]+\\n$`));
      assert.match(stderr, named);
      assert.equal(existsSync(here.box.root), false);
      nothingMade(here);
    });
  }
});
