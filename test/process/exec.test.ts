// Whole lives of sessions with programs of an agent's making first in PATH: it runs, none of them does. What the user's
// environment has for loaders and shells reaches the agent and no process of ours.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { childrenOf, type Finished, run, start } from '../helpers/cli.js';
import { helperOf } from '../helpers/helper-process.js';
import { noIsolation } from '../helpers/isolation.js';
import { killWatchdog, watchdogOf } from '../helpers/owners.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { killed, put } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { openShell } from '../helpers/shell.js';
import { script, standIns } from '../helpers/stand-ins.js';
import { type Trap, trapIn } from '../helpers/trap.js';
import { waitUntil } from '../helpers/wait-until.js';

const SH = ['/bin/sh', '-c'];
const SMALL = 'echo x >"$TMPDIR/f"';
/** More than is removed without a child process. */
const LARGE =
  'cd "$TMPDIR" && /usr/bin/seq 200 | /usr/bin/xargs /usr/bin/touch && /usr/bin/head -c 3000000 /dev/zero >f';
const STAY = 'echo "ready $$ "; exec /bin/sleep 600 >/dev/null 2>&1';

function trapped(t: TestContext): Scene & Trap {
  const here = scene(t);
  const trap = trapIn(here.box.dir);
  here.options.env['PATH'] = trap.PATH;
  delete here.options.env['QW_REAP']; // its own pass runs too
  return { ...here, ...trap };
}

const qwRunIn = ({ options }: Scene, ...args: string[]): Promise<Finished> => run(qwRun, args, options);
const qwTmpIn = ({ options }: Scene, ...args: string[]): Promise<Finished> => run(qwTmp, args, options);

describe('nothing from PATH is run but the agent:', { concurrency: 2 }, () => {
  test('the trap itself works: an agent falls into it', async (t) => {
    const here = trapped(t);
    await qwRunIn(here, 'sh', '-c', 'rm -f nothing');
    assert.deepEqual(
      here.marks().map((mark) => mark.split(' ')[1]),
      ['sh', 'rm'].filter((name) => here.marks().some((mark) => mark.split(' ')[1] === name)),
    );
    assert.ok(here.marks().length > 0);
  });

  for (const [what, flags, commands] of [
    ['a small TMPDIR', [], SMALL],
    ['a large TMPDIR', [], LARGE],
    ['a large TMPDIR that nobody waits for', ['--no-wait'], LARGE],
    ['a large TMPDIR without a watchdog', ['--no-watchdog'], LARGE],
    ['a read-only directory', [], `${LARGE}; /bin/mkdir d; echo >d/f; /bin/chmod 500 d`],
    ['what stays after its agent', ['--quiet'], '/usr/bin/setsid /bin/sleep 600 >/dev/null 2>&1 &'],
  ] as const)
    test(what, async (t) => {
      const here = trapped(t);
      const { code, stderr } = await qwRunIn(here, ...flags, ...SH, commands);
      assert.deepEqual([code, stderr], [0, '']);
      await here.nothingLeftSoon();
      assert.deepEqual(here.marks(), []);
    });

  for (const [mode, flags] of [
    ['tmpfs', ['--size', '16M']],
    ['tmp', []],
    ['tmpfs', ['--size', '16M', '--keep']],
  ] as const)
    test(`--isolate ${mode} ${flags.join(' ')}`, { skip: noIsolation() }, async (t) => {
      const here = trapped(t);
      const { code, stderr } = await qwRunIn(here, '--isolate', mode, ...flags, ...SH, SMALL);
      assert.equal(code, 0, stderr);
      const [kept] = here.box.left();
      if (kept !== undefined) assert.equal((await qwTmpIn(here, 'rm', kept)).code, 0);
      await here.nothingLeftSoon();
      assert.deepEqual(here.marks(), []);
    });

  test('a terminal: stopped, woken, and set right after an agent that was killed in raw mode', async (t) => {
    const shell = await openShell(t);
    const { PATH, marks } = trapIn(shell.box.dir);
    shell.enters(`export PATH='${PATH}'`);
    await shell.prompts(0);
    const raw = 'echo "ready $$ "; read line; /bin/stty raw -echo; echo "raw now"; exec /bin/sleep 600';
    const { agent } = await shell.starts(quoted(process.execPath, qwRun, '/bin/sh', '-c', raw));
    shell.type('\x1a');
    await shell.prompts(148);
    shell.enters('fg');
    await shell.shows('qw-run');
    shell.enters('');
    await shell.shows('raw now');
    kill(agent, 'SIGKILL');
    await shell.prompts(137);
    await shell.leaves();
    assert.deepEqual(marks(), []);
  });

  test('kill -9 of the wrapper: what its watchdog does', async (t) => {
    const here = trapped(t);
    const { pid, says, done } = start(qwRun, [...SH, `${LARGE}; ${STAY}`], here.options);
    const agent = await readyPid(says);
    kill(pid, 'SIGKILL');
    kill(agent, 'SIGKILL');
    await done;
    await here.nothingLeftSoon();
    assert.deepEqual(here.marks(), []);
  });

  test('kill -9 of wrapper and watchdog: list, doctor, reap and rm', async (t) => {
    const here = trapped(t);
    const env = { ...here.options.env, QW_REAP: 'off' }; // its own pass might be faster
    for (const command of [['reap'], ['rm']]) {
      const { pid, says, done } = start(qwRun, [...SH, `${LARGE}; ${STAY}`], { ...here.options, env });
      const agent = await readyPid(says);
      await killWatchdog(pid);
      for (const each of [pid, agent]) await killed(each);
      await done;
      const [{ id }] = JSON.parse((await qwTmpIn(here, 'list', '--json')).stdout).sessions;
      await qwTmpIn(here, 'doctor', '--json');
      const { code, stderr } = await qwTmpIn(here, ...command, ...(command[0] === 'rm' ? [id] : []));
      assert.deepEqual([code, stderr], [0, '']);
      here.nothingLeft();
    }
    assert.deepEqual(here.marks(), []);
  });

  test('a server and its reaper', async (t) => {
    const here = trapped(t);
    const commands = `setInterval(() => {}, 60_000);
      const session = await qw.openSession(); const { spawnSync } = await import('node:child_process');
      spawnSync('/bin/sh', ['-c', ${JSON.stringify(LARGE)}], { env: session.env() });
      await qw.listSessions();
      await new Promise((onReport) => reaper({ onReport }));
      say((await session.end()).state);
      process.exit();`;
    const { code, stdout, stderr } = await server(here, commands).done;
    assert.deepEqual([code, stdout, stderr], [0, 'removed\n', '']);
    await here.nothingLeftSoon();
    assert.deepEqual(here.marks(), []);
  });
});

/** A library that every process here could load, and what else tells loaders, shells and node what to load. */
function loaders({ box }: Scene): NodeJS.ProcessEnv {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  const nothing = put(join(box.dir, 'nothing.sh'), '');
  return {
    LD_PRELOAD: sharedObjects.find((path) => /\/lib(m|dl|pthread)[.-]/.test(path)) ?? '',
    LD_LIBRARY_PATH: box.dir,
    GCONV_PATH: box.dir,
    DYLD_INSERT_LIBRARIES: nothing,
    BASH_ENV: nothing,
    ENV: nothing,
    NODE_OPTIONS: '--no-deprecation',
    NODE_PATH: box.dir,
    PERL5OPT: '-w',
  };
}

const NAMES = (environ: string): string[] =>
  environ
    .split('\0')
    .filter(Boolean)
    .map((item) => item.split('=')[0] as string);
function readIfMay(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return undefined;
  }
}

const OURS = ['PATH', 'LC_ALL', 'XDG_STATE_HOME'];
/** A shell sets these for itself and what it starts. */
const SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'];
const isStrange = (name: string): boolean => ![...OURS, ...SHELLS].includes(name);

describe('what loaders, shells and node hear of', { concurrency: 2 }, () => {
  test('reaches the agent', async (t) => {
    const here = scene(t);
    const all = loaders(here);
    Object.assign(here.options.env, all);
    const { stdout } = await qwRunIn(here, '/usr/bin/env');
    for (const [name, value] of Object.entries(all)) assert.ok(stdout.includes(`${name}=${value}\n`), name);
    here.nothingLeft();
  });

  test('is not in the environment of the watchdog, of what it starts and of what keeps a namespace', {
    skip: noIsolation(),
  }, async (t) => {
    const here = scene(t);
    Object.assign(here.options.env, loaders(here));
    const { pid, says, done } = start(qwRun, ['--isolate', 'tmpfs', ...SH, STAY], here.options);
    const agent = await readyPid(says);
    const keepers = childrenOf(pid).filter((child) => child !== agent);
    const ours = [await watchdogOf(pid), ...keepers, ...keepers.flatMap(childrenOf)];
    assert.ok(ours.length >= 3, 'a watchdog, bubblewrap and the shell inside');
    for (const each of ours) {
      // Until it becomes the shell, bubblewrap lets nobody read it.
      const environ = await waitUntil(`${each} can be read`, () => readIfMay(`/proc/${each}/environ`));
      assert.deepEqual(NAMES(environ).filter(isStrange), []);
    }
    kill(pid, 'SIGTERM');
    await done;
    here.nothingLeft();
  });

  test('is not in that of a large removal', async (t) => {
    const here = scene(t);
    const bin = join(here.box.dir, 'bin');
    script(bin, 'rm', `/bin/cat "/proc/$$/environ" >'${here.box.dir}/environ'; exec /bin/rm "$@"`);
    const stand = standIns(bin).env;
    Object.assign(here.options.env, loaders(here), stand);
    const { code } = await qwRunIn(here, ...SH, LARGE);
    assert.equal(code, 0);
    const names = NAMES(readFileSync(join(here.box.dir, 'environ'), 'utf8'));
    assert.deepEqual(names.filter(isStrange), Object.keys(stand));
    here.nothingLeft();
  });

  test('is not in that of a server’s helper process', async (t) => {
    const here = scene(t);
    Object.assign(here.options.env, loaders(here));
    const run = server(here, `reaper({ onReport: () => say('done') }); setInterval(() => {}, 60_000);`);
    await run.says('done\n');
    const environ = readFileSync(`/proc/${await helperOf(run.pid)}/environ`, 'utf8');
    assert.deepEqual(NAMES(environ).filter(isStrange), []);
    kill(run.pid, 'SIGKILL');
    await run.done;
    here.nothingLeft();
  });

  test('is not in that of what a dead owner’s watchdog starts', async (t) => {
    const here = scene(t);
    Object.assign(here.options.env, loaders(here));
    const { pid, says, done } = start(qwRun, [...SH, STAY], here.options);
    const agent = await readyPid(says);
    const shell = await watchdogOf(pid);
    kill(pid, 'SIGKILL');
    await done;
    // The agent lives, so it looks again and again.
    const environ = await waitUntil('it starts something', () => environOfChild(shell));
    assert.deepEqual(NAMES(environ).filter(isStrange), []);
    kill(agent, 'SIGKILL');
    await here.nothingLeftSoon();
  });
});

function environOfChild(pid: number): string | undefined {
  for (const child of childrenOf(pid))
    try {
      if (readdirSync(`/proc/${child}/fd`).length > 0) return readFileSync(`/proc/${child}/environ`, 'utf8');
    } catch {} // gone meanwhile
  return undefined;
}
