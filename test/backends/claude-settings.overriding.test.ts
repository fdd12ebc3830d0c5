// Settings of Claude's user that lead past TMPDIR are outweighed, whatever version is started and however; broken ones are told
// in one line and stop nobody. Against a program that takes its temp directory as Claude does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openSession, runAgent } from 'qw-run';
import { run } from '../helpers/cli.js';
import { type FakeClaude, fakeClaude } from '../helpers/fake-claude.js';
import { qwRun } from '../helpers/paths.js';
import { quoted } from '../helpers/quoted.js';
import { type Scene, scene } from '../helpers/scene.js';

const NEW = '2.1.330';
const OLD = '2.1.50';

/** Runs `command` under qw-run; what the agent told, and that it wrote into its session only. */
async function told(here: Scene, fake: FakeClaude, command: string[], { stderr = /^$/ } = {}) {
  const result = await run(qwRun, command, { ...here.options, env: fake.env });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, stderr);
  assert.deepEqual(here.box.left(), []);
  return JSON.parse(result.stdout) as {
    base: string;
    args: string[];
    mark?: string;
    settings?: { env: object };
  };
}

const isInside = ({ box }: Scene, { base }: { base: string }) => base.startsWith(`${box.root}/`);
const setUp = (t: TestContext, version: string) => {
  const here = scene(t);
  return { here, fake: fakeClaude(here, version) };
};
const elsewhere = ({ elsewhere: dir }: FakeClaude, more: object = {}) =>
  JSON.stringify({ env: { TMPDIR: dir, CLAUDE_CODE_TMPDIR: dir, MARK: 'm' }, ...more });

describe('written to TMPDIR and gone with it', { concurrency: 2 }, () => {
  for (const version of [NEW, OLD]) {
    test(`by ${version} without settings, its arguments as they were`, async (t) => {
      const { here, fake } = setUp(t, version);
      const seen = await told(here, fake, ['claude', '-p', 'hi']);
      assert.deepEqual([isInside(here, seen), seen.args], [true, ['-p', 'hi']]);
    });
    for (const file of ['~/.claude.json', '~/.claude/settings.json', '.claude/settings.json'])
      test(`by ${version} though ${file} says otherwise`, async (t) => {
        const { here, fake } = setUp(t, version);
        fake.write(file, elsewhere(fake));
        const seen = await told(here, fake, ['claude', '-p', 'hi']);
        assert.deepEqual([isInside(here, seen), seen.mark, seen.args.slice(1)], [true, 'm', ['-p', 'hi']]);
        assert.deepEqual(readdirSync(fake.elsewhere), []);
      });
  }

  const starts: [how: string, command: string[]][] = [
    ['timeout', ['timeout', '60', 'claude', '-p']],
    ['env and nice', ['env', 'A=1', 'nice', '-n', '1', 'claude', '-p']],
    ['node', [process.execPath, '../node_modules/@anthropic-ai/claude-code/cli.js', '-p']],
    ['a link of another name', ['../c', '-p']],
    ['CLAUDE_CONFIG_DIR', ['claude', '-p']],
  ];
  for (const [how, command] of starts)
    test(`by way of ${how}`, async (t) => {
      const { here, fake } = setUp(t, NEW);
      fake.write('config/settings.json', elsewhere(fake));
      fake.env['CLAUDE_CONFIG_DIR'] = join(here.box.cwd, 'config');
      symlinkSync('node_modules/.bin/claude', join(here.box.dir, 'c'));
      assert.ok(isInside(here, await told(here, fake, command)));
    });

  test('together with --settings of the user, as JSON and as a file', async (t) => {
    const { here, fake } = setUp(t, NEW);
    fake.write('~/.claude/settings.json', elsewhere(fake));
    fake.write('my.json', '{"model":"x","env":{"MARK":"mine"}}');
    for (const value of ['my.json', '{"model":"x","env":{"MARK":"mine"}}']) {
      const seen = await told(here, fake, ['claude', '-p', '--settings', value, 'hi']);
      const env = { MARK: 'mine', TMPDIR: seen.base, CLAUDE_CODE_TMPDIR: '' };
      assert.deepEqual(seen.settings, { model: 'x', env });
      assert.ok(isInside(here, seen) && seen.mark === 'mine');
    }
  });

  test('when a shell function of the same name calls qw-run', async (t) => {
    const { here, fake } = setUp(t, NEW);
    fake.write('~/.claude/settings.json', elsewhere(fake));
    const script = `claude() { ${quoted(process.execPath, qwRun)} claude "$@"; }; claude -p hi`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      ...here.options,
      env: fake.env,
      encoding: 'utf8',
    });
    assert.ok(isInside(here, JSON.parse(stdout)), stderr);
  });

  test('by runAgent, and the warnings are the session’s', async (t) => {
    const { here, fake } = setUp(t, OLD);
    fake.write('~/.claude/settings.json', elsewhere(fake));
    fake.write('.claude/settings.json', '{');
    const agent = await runAgent('claude', ['-p'], { env: fake.env, cwd: here.box.cwd });
    const { stdout, end } = await agent.result;
    assert.ok(isInside(here, JSON.parse(String(stdout))));
    assert.equal(end.state, 'removed');
    assert.deepEqual(agent.session.warnings, [
      `cannot read ${here.box.cwd}/.claude/settings.json (not JSON): qw-run does not see what it sets for claude`,
    ]);
  });
});

test('the settings file is 0600, beside TMPDIR, made once, and gone with the session', async (t) => {
  const { here, fake } = setUp(t, NEW);
  fake.write('~/.claude/settings.json', elsewhere(fake));
  const session = await openSession({ env: fake.env, cwd: here.box.cwd, command: ['claude'] });
  t.after(() => session.end());
  const [given = ''] = session.args('claude', ['-p']);
  const file = given.replace('--settings=', '');
  assert.equal(dirname(file), session.dir);
  const { mode, ino } = statSync(file);
  assert.equal(mode & 0o777, 0o600);
  assert.deepEqual(session.args('claude', ['-p']), [given, '-p']);
  assert.deepEqual(session.args('claude', ['--settings', file, '-p']), [given, '-p']);
  assert.equal(statSync(file).ino, ino);
  assert.notEqual(session.args('claude', ['--settings', '{"a":1}'])[0], given);
  assert.deepEqual([readdirSync(session.tmpdir), session.warnings], [[], []]);
  await session.end();
  assert.deepEqual(here.box.left(), []);
});

describe('told in one line, and nobody is stopped', { concurrency: 2 }, () => {
  const path = '~/.claude/settings.json';
  const broken: [why: string, reason: string, make: (file: string, fake: FakeClaude) => void][] = [
    ['no JSON', 'not JSON', (_, fake) => fake.write(path, '{"env": secret')],
    ['no object', 'not a JSON object', (_, fake) => fake.write(path, '[]')],
    ['empty', 'not JSON', (_, fake) => fake.write(path, '')],
    ['a directory', 'not a regular file', (file) => mkdirSync(file, { recursive: true })],
    ['a link to itself', 'ELOOP', (file) => symlinkSync('settings.json', file)],
    ['unreadable', 'EACCES', (_, fake) => chmodSync(fake.write(path, '{}'), 0o000)],
    ['of control characters', 'not JSON', (_, fake) => fake.write(path, '\u001b[31m{')],
  ];
  for (const [why, reason, make] of broken)
    test(`settings that are ${why}`, {
      skip: reason === 'EACCES' && process.getuid?.() === 0 && 'as root',
    }, async (t) => {
      const { here, fake } = setUp(t, NEW);
      const file = fake.write(path, '{}');
      rmSync(file);
      make(file, fake);
      const stderr = new RegExp(`^qw-run: cannot read \\S+settings\\.json \\(${reason}\\): [^\n]*\n$`);
      assert.ok(isInside(here, await told(here, fake, ['claude', '-p'], { stderr })));
    });

  test('and with --quiet not at all', async (t) => {
    const { here, fake } = setUp(t, NEW);
    fake.write(path, '[]');
    assert.deepEqual((await told(here, fake, ['--quiet', 'claude', '-p'])).args, ['-p']);
  });

  test('a FIFO is not waited for', async (t) => {
    const { here, fake } = setUp(t, NEW);
    const file = fake.write(path, '');
    rmSync(file);
    spawnSync('mkfifo', [file]);
    const session = await openSession({ env: fake.env, cwd: here.box.cwd, command: ['claude'] });
    t.after(() => session.end());
    assert.deepEqual(session.args('claude', ['-p', '--settings', file]), ['-p', '--settings', file]);
    assert.equal(session.warnings.filter((line) => line.includes('(not a regular file)')).length, 2);
    await session.end(); // before its sandbox goes: its log lies there
  });

  const own: [what: string, args: string[]][] = [
    ['a file that is not there', ['--settings', 'none.json']],
    ['no JSON', ['--settings={"env":', '-p']],
    ['JSON that is broken', ['-p', '--settings', '{"env":}']],
  ];
  for (const [what, args] of own)
    test(`--settings that are ${what} are passed on untouched`, async (t) => {
      const { here, fake } = setUp(t, NEW);
      const stderr = /^qw-run: --settings of claude cannot be read \([^)]+\): it may override TMPDIR\n$/;
      assert.deepEqual((await told(here, fake, ['claude', ...args], { stderr })).args, args);
    });

  for (const args of [
    ['mcp', 'list'],
    ['--bg', 'hi'],
  ])
    test(`claude ${args.join(' ')} with settings that override`, async (t) => {
      const { here, fake } = setUp(t, NEW);
      fake.write('~/.claude/settings.json', elsewhere(fake));
      const stderr =
        /^(qw-run: claude --bg [^\n]*\n)?qw-run: \S+settings\.json sets TMPDIR for claude: [^\n]*\n$/;
      assert.deepEqual((await told(here, fake, ['claude', ...args], { stderr })).args, args);
    });

  const others: [agent: string, file: string, text: string, stderr: RegExp][] = [
    [
      'gemini',
      '~/.gemini/settings.json',
      '{"security":{"toolSandboxing":true}} // on',
      /^qw-run: .*toolSandboxing.*\n$/,
    ],
    ['gemini', '~/.gemini/settings.json', '{"security":{"toolSandboxing":false}}', /^$/],
    [
      'gemini',
      '.gemini/settings.json',
      '/* "x */ {"security":{"toolSandboxing":true}}',
      /^qw-run: .*toolSandboxing/,
    ],
    [
      'gemini',
      '~/.gemini/settings.json',
      '{"a":"//", "security":',
      /^qw-run: cannot read .*\(not JSON\).*\n$/,
    ],
    [
      'codex',
      '~/.codex/config.toml',
      '[sandbox_workspace_write]\nexclude_tmpdir_env_var = true',
      /^qw-run: .*read-only/,
    ],
    [
      'codex',
      '~/.codex/config.toml',
      '# exclude_tmpdir_env_var = true\nexclude_tmpdir_env_var = false',
      /^$/,
    ],
  ];
  for (const [agent, file, text, stderr] of others)
    test(`${agent} with ${file}: ${JSON.stringify(text)}`, async (t) => {
      const { here, fake } = setUp(t, NEW);
      symlinkSync('claude', join(here.box.dir, 'node_modules/.bin', agent));
      fake.write(file, text);
      const args = agent === 'codex' ? ['exec', 'hi'] : ['-p'];
      assert.deepEqual((await told(here, fake, [agent, ...args], { stderr })).args, args);
    });
});
