// The exit status a supervisor sees: the child's own, whatever the code or signal, and 125, 126, 127 for our failures.
import assert from 'node:assert/strict';
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { BIN, IS_EXEC, OURS } from '../helpers/modes.js';
import { scene } from '../helpers/scene.js';

describe('a child killed by any signal', { concurrency: 2 }, () => {
  const raised = 'HUP INT KILL USR1 USR2 PIPE ALRM TERM STKFLT VTALRM PROF IO PWR'.split(' ');
  const dumping = 'QUIT ILL TRAP ABRT BUS FPE SEGV XCPU XFSZ SYS'.split(' ');
  for (const name of [...raised, ...dumping]) {
    const signal = `SIG${name}` as NodeJS.Signals;
    const number = constants.signals[signal];
    // A launcher is gone by then: the signal is the command's own.
    const isRaised = IS_EXEC || raised.includes(name);
    test(`${signal} ${isRaised ? 'is raised again' : `becomes ${128 + number}`}`, async (t) => {
      const { options, nothingLeftAfterwards } = scene(t);
      const { code, ...end } = await run(BIN, ['sh', '-c', `ulimit -c 0; kill -${number} $$`], options);
      assert.deepEqual([code, end.signal], isRaised ? [null, signal] : [128 + number, null]);
      await nothingLeftAfterwards();
    });
  }
});

describe('a shell that runs us', { concurrency: 2 }, () => {
  const table: [script: string, status: number][] = [
    ['exit 0', 0],
    ['exit 7', 7],
    ['exit 255', 255],
    ['kill -TERM $$', 143],
    ['kill -INT $$', 130],
    ['kill -KILL $$', 137],
    ['ulimit -c 0; kill -QUIT $$', 131],
  ];
  for (const [script, status] of table) {
    test(`sees ${status} after ${script}`, async (t) => {
      const { options, nothingLeftAfterwards } = scene(t);
      const command = ['-c', '"$@"; echo "status $?"', 'sh', ...OURS, 'sh', '-c', script];
      const shell = spawnSync('sh', command, { ...options, encoding: 'utf8' });
      assert.equal(shell.stdout, `status ${status}\n`);
      await nothingLeftAfterwards();
    });
  }
});

describe('what cannot be run', { concurrency: 2 }, () => {
  const table: [what: string, args: string[], code: number, named: RegExp][] = [
    ['a missing command', ['no-such-command'], 127, /no-such-command/],
    ['a missing path', ['./no/such/path'], 127, /no\/such\/path/],
    ['a script whose interpreter is missing', ['../bin/lost.sh'], 127, /lost\.sh.*interpreter/],
    ['a file that is not executable', ['../bin/plain.txt'], 126, /plain\.txt/],
    ['a directory', ['../bin'], 126, /bin/],
    ['a path below a file', ['../bin/plain.txt/below'], 126, /below/],
    ['an unknown option', ['--no-such-option', 'true'], 125, /--no-such-option/],
    ['an option without its value', ['--grace'], 125, /--grace/],
    ['a wrong value', ['--grace', 'soon', 'true'], 125, /grace.*soon/],
    ['no command', ['--quiet'], 125, /command/],
  ];
  for (const [what, args, expected, named] of table) {
    test(`${what}: ${expected}, said in one line that names it`, async (t) => {
      const { box, options, nothingLeftAfterwards } = scene(t);
      const bin = join(box.dir, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'plain.txt'), 'plain');
      writeFileSync(join(bin, 'lost.sh'), '#!/no/such/interpreter\n', { mode: 0o755 });

      const { code, signal, stdout, stderr } = await run(BIN, args, options);

      const isShells = IS_EXEC && expected !== 125; // what exec says of a command
      const wanted = isShells ? codeOfShell(args, options) : expected;
      assert.deepEqual({ code, signal, stdout }, { code: wanted, signal: null, stdout: '' }, stderr);
      assert.match(stderr, isShells ? /^.*qw-exec: .+\n$/ : /^qw-(run|exec): .+\n$/);
      assert.match(stderr, isShells ? new RegExp(args[0] as string) : named);
      await nothingLeftAfterwards();
    });
  }
});

const codeOfShell = (args: string[], options: SpawnSyncOptions): number | null =>
  spawnSync('sh', ['-c', 'exec "$@"', 'sh', ...args], options).status;

const AS_PID_1 = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];

test('as pid 1, which its own signals cannot kill, we exit with 128+n', {
  skip: noPidNamespace(),
}, async (t) => {
  const { options, nothingLeftAfterwards } = scene(t);
  const command = [...AS_PID_1, ...OURS, 'sh', '-c', 'kill -TERM $$'];
  const { status, stderr } = spawnSync('unshare', command, { ...options, encoding: 'utf8' });
  assert.equal(status, 143, stderr);
  await nothingLeftAfterwards();
});

function noPidNamespace(): string | false {
  const { status } = spawnSync('unshare', [...AS_PID_1, 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'no pid namespace to be had (unshare)';
}
