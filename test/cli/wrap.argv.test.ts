// The child's arguments and working directory are what the caller wrote: from the first word that is no option of ours on,
// nothing is read, split, joined or dropped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const NODE = process.execPath;
const TELL = fixture('tell-world.mjs');

describe('arguments', { concurrency: 2 }, () => {
  const table: [what: string, args: string[]][] = [
    ['none', []],
    ['empty ones', ['', 'a', '', '']],
    ['spaces, quotes and backslashes', ['a b', "it's", '"', '\\', ' ', '\\n']],
    ['line breaks and control characters', ['a\nb', '\n', '\t', '\u001b[31m', '\r\n']],
    ['what a shell would expand', ['*', '$HOME', '`id`', '$(id)', '~', '{a,b}', '!', '#', ';', '&']],
    ['other scripts', ['Grüße', '漢字', '\u{1f600}', 'e\u0301']],
    ['options of ours', ['--label', 'x', '--help', '--version', '--keep', '--root=/', '--quiet', '-h']],
    ['--', ['--', 'a', '--', '--', 'b']],
    ['options we do not know', ['-p', '--print', '-x=1', '--no-such-option', '-']],
    ['one of 100 KB', ['x'.repeat(100_000)]],
    ['2,000 of them', Array.from({ length: 2_000 }, (_, index) => `a${index}`)],
  ];
  for (const [what, args] of table) {
    test(`the child is given ${what} unchanged, with and without --`, async (t) => {
      const { options, nothingLeft } = scene(t);
      for (const flags of [[], ['--quiet', '--label', 'a b', '--']]) {
        const { code, stdout, stderr } = await run(qwRun, [...flags, NODE, TELL, ...args], options);
        assert.deepEqual([code, stderr], [0, '']);
        assert.deepEqual(JSON.parse(stdout).args, args);
      }
      nothingLeft();
    });
  }

  const commands: [what: string, args: string[]][] = [
    ['only the first -- is ours', ['--', '--', 'true']],
    ['after -- an option is a command', ['--', '--help']],
    ['a single dash is a command', ['-', 'true']],
    ['a word with = is a command, not a variable', ['QW_X=1', 'true']],
  ];
  for (const [what, args] of commands) {
    test(`${what}: there is no such program, 127`, async (t) => {
      const { options, nothingLeft } = scene(t);
      const { code, stdout, stderr } = await run(qwRun, args, options);
      assert.deepEqual([code, stdout], [127, ''], stderr);
      const named = args[0] === '--' ? (args[1] as string) : (args[0] as string);
      assert.match(stderr, /^qw-run: .+\n$/);
      assert.ok(stderr.includes(named), stderr);
      nothingLeft();
    });
  }

  test('an empty command is none that could be started', async (t) => {
    const { options, nothingLeft } = scene(t);
    const { code, stdout, stderr } = await run(qwRun, ['', 'a'], options);
    assert.deepEqual([code === 126 || code === 127, stdout], [true, ''], `${code}`);
    assert.match(stderr, /^qw-run: .+\n$/);
    nothingLeft();
  });
});

describe('the working directory', { concurrency: 2 }, () => {
  for (const name of ['plain', 'with space', 'line\nbreak']) {
    test(`${JSON.stringify(name)} is the child's too, and a relative command is found from there`, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      const cwd = join(box.dir, name);
      mkdirSync(cwd);
      const { code, stdout } = await run(qwRun, [NODE, TELL], { ...options, cwd });
      assert.deepEqual([code, JSON.parse(stdout).cwd], [0, cwd]);
      nothingLeft();
    });
  }

  test('removed under us is no reason for the child not to run; a root relative to it is refused', (t) => {
    const { options, nothingLeft } = scene(t);
    const lease = 'cat "$TMPDIR/../lease.json"';
    const script = `mkdir gone && cd gone && rmdir ../gone; "$0" "$@"`;
    const inGone = (args: string[]) =>
      spawnSync('sh', ['-c', script, NODE, qwRun, ...args], { ...options, encoding: 'utf8' });
    const ran = inGone(['sh', '-c', lease]);
    assert.deepEqual([ran.status, JSON.parse(ran.stdout).cwd], [0, '']);
    assert.doesNotMatch(ran.stderr, /qw-run/);
    const refused = inGone(['--root', 'r', 'true']);
    assert.equal(refused.status, 125);
    assert.match(refused.stderr, /^qw-run: root "r" cannot be used: .*\n$/);
    nothingLeft();
  });
});
