// The child's stdin, stdout and stderr are ours, untouched: the same pipes and files, still blocking, every byte as it was,
// nothing read ahead and nothing of ours on stdout.
import assert from 'node:assert/strict';
import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { BIN, OURS, onlyAttached } from '../helpers/modes.js';
import { stateOf } from '../helpers/processes.js';
import { openTerminal } from '../helpers/pty.js';
import { scene } from '../helpers/scene.js';
import { personal } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const MEBIBYTE = randomBytes(1 << 20);
const O_NONBLOCK = 0o4000;
const WITH_SURVIVOR = leftSleeping();

const SILENT = onlyAttached('the other is silent');

describe('descriptors', { concurrency: 2 }, () => {
  const look = (to: string) => `cat /proc/$$/fdinfo/[012] >${to}`;
  const command = `qw-run sh -c '${WITH_SURVIVOR} ${look('during')}'; ${look('after')}`;
  const places: [what: string, script: string][] = [
    ['pipes', `cat in | sh -c "$COMMAND" 2>&1 | cat`],
    ['files', `sh -c "$COMMAND" <in >out 2>err`],
    ['a terminal', `sh -c "$COMMAND"`],
  ];
  for (const [what, script] of places) {
    test(`that are ${what} stay blocking, for the child and for whoever shares them with us`, async (t) => {
      const { box, terminal, nothingLeftSoon } = inShell(t, script, { COMMAND: command });
      assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 });
      for (const name of ['during', 'after']) {
        const found = readFileSync(join(box.cwd, name), 'utf8').match(/(?<=^flags:\s+)[0-7]+/gm) ?? [];
        const blocking = found.map((flags) => (Number.parseInt(flags, 8) & O_NONBLOCK) === 0);
        assert.deepEqual(blocking, [true, true, true], `${name}: ${found}`);
      }
      await nothingLeftSoon(['after', 'during', 'in', ...(what === 'files' ? ['err', 'out'] : [])].sort());
    });
  }

  test('are the same pipe and file in whoever starts us, in us and in the child', async (t) => {
    const link = (pid: string) => `for fd in 0 1 2; do readlink /proc/${pid}/fd/$fd; done`;
    const script = `{ ${link('$$')}; qw-run sh -c '${link('$PPID')}; ${link('$$')}'; } 2>err >>out`;
    const { box, terminal, nothingLeftSoon } = inShell(t, `cat in | sh -c "$COMMAND"`, { COMMAND: script });
    await terminal.ends();
    const lines = readFileSync(join(box.cwd, 'out'), 'utf8').trim().split('\n');
    assert.match(lines[0] ?? '', /^pipe:/);
    assert.deepEqual(lines.slice(1, 3), [join(box.cwd, 'out'), join(box.cwd, 'err')]);
    assert.deepEqual([lines.slice(3, 6), lines.slice(6)], [lines.slice(0, 3), lines.slice(0, 3)]);
    await nothingLeftSoon(['err', 'in', 'out']);
  });
});

describe('bytes', { concurrency: 2 }, () => {
  for (const [what, agent] of [
    ['stdout', ['cat']],
    ['stderr', ['sh', '-c', 'exec cat >&2']],
  ] as const) {
    test(`of stdin and ${what}, a mebibyte of any value, pass unchanged to a reader that comes late`, async (t) => {
      const { options, nothingLeftAfterwards, processes } = scene(t);
      const child = spawn(OURS[0], [...OURS.slice(1), ...agent], { ...options, stdio: 'pipe' });
      const ended = once(child, 'close');
      child.stdin.end(MEBIBYTE);
      const cat = await waitUntil('cat runs', () => processes().find((pid) => nameOf(pid) === 'cat'));
      // More than fits is on its way, so it has to wait for us; non-blocking, it would fail instead.
      await waitUntil('it waits', () => stateOf(cat) === 'S');
      const chunks: Record<string, Buffer[]> = { stdout: [], stderr: [] };
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (chunk: Buffer) => chunks[name]?.push(chunk));
      assert.deepEqual(await ended, [0, null]);
      const other = what === 'stdout' ? 'stderr' : 'stdout';
      assert.ok(Buffer.concat(chunks[what] ?? []).equals(MEBIBYTE));
      assert.deepEqual(chunks[other], []);
      await nothingLeftAfterwards();
    });
  }

  const table: [what: string, script: string, printed: string][] = [
    ['a mebibyte through pipes', 'cat in | qw-run cat | cat | cmp - in && echo same', 'same\n'],
    ['what the child did not read', 'printf "a\\nb\\n" | { qw-run sh -c "read x"; cat; }', 'b\n'],
    ['an empty stdin', 'qw-run cat </dev/null; echo $?', '0\n'],
    ['the place in a shared file', '{ echo a; qw-run echo b; echo c; } >out; cat out; rm out', 'a\nb\nc\n'],
    ['all closed', '(qw-run sh -c "exit 3") <&- >&- 2>&-; echo $?', '3\n'],
    ['a reader that left', 'qw-run yes | head -n 1; echo $PIPESTATUS', 'y\n141\n'],
    ['a reader that left a shell', 'qw-run sh -c "yes; exit 9" | head -n 1; echo $PIPESTATUS', 'y\n9\n'],
  ];
  for (const [what, script, printed] of table) {
    test(`${what}: with and without us the same`, async (t) => {
      const stage = scene(t);
      const { cwd } = stage.options;
      writeFileSync(join(cwd, 'in'), MEBIBYTE);
      const options = { cwd, env: personal(stage), encoding: 'utf8', timeout: 300_000 } as const;
      for (const line of [script.replace('qw-run ', ''), script])
        assert.equal(spawnSync('bash', ['-c', line], options).stdout, printed, line);
      await stage.nothingLeftSoon(['in']);
    });
  }
});

test('what we have to say is on stderr, line by line; stdout has only what the child wrote', {
  skip: SILENT,
}, async (t) => {
  const { options, nothingLeftAfterwards } = scene(t);
  const { code, stdout, stderr } = await run(
    BIN,
    ['sh', '-c', `${WITH_SURVIVOR} printf 'no newline'; exit 3`],
    options,
  );
  assert.deepEqual([code, stdout], [3, 'no newline']);
  assert.match(stderr, /^qw-run: .*sleep.*\n$/);
  await nothingLeftAfterwards();
});

for (const [what, stderr] of [
  ['nobody who reads', 'pipe'],
  ['no room for', 'full'],
] as const) {
  test(`${what} what we have to say changes no status`, async (t) => {
    const { options, nothingLeftAfterwards } = scene(t);
    const script = `${WITH_SURVIVOR} echo ready; read line; exit 3`;
    const full = openSync('/dev/full', 'w');
    t.after(() => closeSync(full));
    const stdio: StdioOptions = ['pipe', 'pipe', stderr === 'full' ? full : 'pipe'];
    const { child, says, done } = start(BIN, ['sh', '-c', script], { ...options, stdio });
    await says('ready');
    child.stderr?.destroy();
    child.stdin?.end('\n');
    const { code, signal } = await done;
    assert.deepEqual([code, signal], [3, null]);
    await nothingLeftAfterwards();
  });
}

/** A script in a terminal, with our command on its PATH and a file `in`. */
function inShell(t: TestContext, script: string, more: NodeJS.ProcessEnv) {
  const stage = scene(t);
  const { cwd } = stage.options;
  writeFileSync(join(cwd, 'in'), MEBIBYTE);
  const env = { ...personal(stage), ...more };
  return { ...stage, terminal: openTerminal(t, 'bash', ['-c', script], { cwd, env }) };
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone';
  }
}
