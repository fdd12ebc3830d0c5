// What qw-tmp prints reaches somebody, or it has failed; a pipe gets whole lines, and a terminal that does not know its
// width is no narrow one.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { openTerminal } from '../helpers/pty.js';
import { quoted } from '../helpers/quoted.js';
import { forge, killed, leaseOf, openWith } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const noFull = existsSync('/dev/full') ? false : 'no /dev/full here';
const LONG = ['sh', '-c', 'x'.repeat(300)];

describe('stdout', { concurrency: 2 }, () => {
  const table: [what: string, bin: string, args: string[], code: number][] = [
    ['list', qwTmp, ['list'], 1],
    ['list --json', qwTmp, ['list', '--json'], 1],
    ['--help', qwTmp, ['--help'], 1],
    ['--version', qwTmp, ['--version'], 1],
    ['qw-run --version', qwRun, ['--version'], 125],
  ];
  for (const [what, bin, args, code] of table) {
    test(`full: ${what} says so and exits ${code}`, { skip: noFull }, async (t) => {
      const full = openSync('/dev/full', 'w');
      t.after(() => closeSync(full));
      const done = await run(bin, args, { ...scene(t).options, stdio: ['ignore', full, 'pipe'] });
      assert.equal(done.code, code);
      assert.match(done.stderr, /^qw-(tmp|run): cannot write to stdout: no space left there \(ENOSPC\)\n$/);
    });
  }

  test('broken: what was to be done is done, and it says so', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const child = spawn(process.execPath, [qwTmp, 'reap'], {
      ...here.options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    assert.deepEqual([await once(child, 'close'), here.box.left()], [[1, null], []]);
    assert.match(stderr, /^qw-tmp: cannot write to stdout: nobody reads it any more \(EPIPE\)\n$/);
  });
});

describe('stdout closed', { skip: existsSync('/proc/self/fdinfo') ? false : 'no procfs' }, () => {
  const command = (line: string) => `${quoted(process.execPath, qwTmp)} list ${line}; echo $? >&2`;
  const table: [what: string, script: string, told: RegExp][] = [
    ['by a shell', command('>&-'), /^qw-tmp: cannot write to stdout: it is closed \(EBADF\)\n1\n$/],
    [
      'for a whole script',
      `exec >&-; ${command('')}`,
      /^qw-tmp: cannot write to stdout: it is closed \(EBADF\)\n1\n$/,
    ],
    ['not at all, but dropped', command('>/dev/null'), /^0\n$/],
  ];
  for (const [what, script, told] of table)
    test(what, (t) => {
      const { options } = scene(t);
      const { stderr } = spawnSync('sh', ['-c', script], { ...options, encoding: 'utf8' });
      assert.match(stderr, told);
    });

  test('not by a parent that wants no output, nor by a shell under it', (t) => {
    const { options } = scene(t);
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'ignore', 'pipe'];
    const none = { ...options, encoding: 'utf8' as const, stdio };
    assert.deepEqual(
      [
        spawnSync(process.execPath, [qwTmp, 'list'], none).stderr,
        spawnSync('sh', ['-c', command('')], none).stderr,
      ],
      ['', '0\n'],
    );
  });
});

describe('an error for programs', { concurrency: 2 }, () => {
  for (const [args, code, message, path] of [
    [['list', '--nonsense'], 2, /^unknown option --nonsense/, null],
    [['reap', '--max-age', 'soon'], 2, /^--max-age needs .*"soon"$/, null],
    [['nonsense'], 2, /^no such command: nonsense/, null],
    [['list', '--root', '/proc/x'], 1, /cannot be used/, '/proc/x'],
  ] as const) {
    test(`${args.join(' ')} --json`, async (t) => {
      const done = await run(qwTmp, [...args, '--json'], scene(t).options);
      const { version, error, ...rest } = JSON.parse(done.stdout);
      assert.deepEqual([done.code, version, rest, error.path], [code, 1, {}, path]);
      assert.deepEqual(Object.keys(error), ['code', 'message', 'path']);
      assert.match(error.code, /^ERR_QW_/);
      assert.match(error.message, message);
      assert.equal(done.stderr, `qw-tmp: ${error.message}\n`, 'and a line for whoever looks on');
    });
  }
});

describe('a terminal', { concurrency: 2 }, () => {
  test('of 0 columns does not know its width: nothing is cut', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00', { command: LONG }) });
    const spawned = `import pty; pty.spawn(${JSON.stringify([process.execPath, qwTmp, 'list'])})`;
    const { stdout } = spawnSync('python3', ['-c', spawned], {
      ...here.options,
      encoding: 'utf8',
      input: '',
    });
    assert.match(stdout, /^orphan +orphan00 .* sh -c x{300}\r$/m);
    assert.doesNotMatch(stdout, /…/);
  });

  test('of 40 columns gets lines of 40', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00', { command: LONG }) });
    const { shows, ends } = openTerminal(t, process.execPath, [qwTmp, 'list'], { ...here.options, cols: 40 });
    const screen = await shows(/orphan00 .*…\r\n/);
    assert.equal(/^orphan.*$/m.exec(screen.replaceAll('\r', ''))?.[0].length, 40);
    assert.equal((await ends()).exitCode, 0);
  });

  test('shows a living list in its place until Ctrl-C', async (t) => {
    const here = scene(t);
    const script = 'echo "ready $$ "; while :; do echo more >> "$TMPDIR/f"; sleep 0.1; done';
    const { id, agent, wrapper } = await openWith(here, ['--label', 'L'], script);
    const args = [qwTmp, 'list', '--watch', '--every', '500ms'];
    const { shows, type, ends, screen } = openTerminal(t, process.execPath, args, {
      ...here.options,
      rows: 10,
    });
    await shows(/STATE +ID +LABEL +AGE +SIZE +PER MIN +PROCS +COMMAND/);
    await shows(new RegExp(`live +${id} +L +\\d+s +[\\d.]+ \\w+ +[12] +sh -c`));
    await shows('Ctrl-C ends');
    await shows(
      new RegExp(
        `\\u001b\\[5A\\r\\u001b\\[J.*live +${id} +L +\\d+s +[\\d.]+ \\w+ +[+]?[\\d.]+ \\w+ +[12] `,
        's',
      ),
    );
    type('\u0003');
    assert.equal((await ends()).signal, 2, screen());
    await killed(agent);
    await wrapper.done;
    here.nothingLeft();
  });
});

test('reap says so where it takes an age for an hour', async (t) => {
  const { options } = scene(t);
  for (const [args, env, stderr] of [
    [['--max-age', '1m'], {}, 'qw-tmp: --max-age 1m counts as 1h: nothing younger is ever stale\n'],
    [[], { QW_MAX_AGE: '0' }, 'qw-tmp: QW_MAX_AGE counts as 1h: nothing younger is ever stale\n'],
    [['--max-age', '1h'], { QW_MAX_AGE: '1m' }, ''],
  ] as const) {
    const done = await run(qwTmp, ['reap', '--dry-run', ...args], {
      ...options,
      env: { ...options.env, ...env },
    });
    assert.deepEqual([done.code, done.stderr], [0, stderr]);
  }
});

test('a command that is not found may be an alias of the shell', async (t) => {
  const { options } = scene(t);
  const alias = await run(qwRun, ['my-agent'], options);
  assert.equal(alias.code, 127);
  assert.match(
    alias.stderr,
    /^qw-run: command not found: "my-agent"; if your shell has an alias .*type my-agent\)\n$/,
  );
  const path = await run(qwRun, ['./my-agent'], options);
  assert.deepEqual([path.code, path.stderr], [127, 'qw-run: command not found: "./my-agent"\n']);
});
