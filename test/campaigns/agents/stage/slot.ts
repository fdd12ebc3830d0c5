// Our launcher in Claude's slot, told step by step: who gets which TMPDIR, and what is left when all are through.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { qwExec } from '../../../helpers/paths.js';
import { isAlive, kill } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { standIn } from '../api/stand-in.js';
import { cliNamed } from '../clis/clis.js';
import type { Scenario, Story } from '../scenarios.js';
import { BASE } from './agent.js';
import { read, write } from './files.js';
import { watchPlaces } from './left.js';
import { others } from './processes.js';
import type { Measured, Run } from './row.js';
import { openSeat } from './seat.js';
import { settled } from './settled.js';

const PATIENCE = { timeoutMs: 90_000 };
const ROOT = `/tmp/qw-${process.getuid?.()}`;
const FREELY = '--dangerously-skip-permissions';

interface Stage {
  /** As its person has it in PATH; another version can take its place. */
  program: string;
  work: string;
  env: Record<string, string>;
  update(): void;
  /** Runs Claude to its end, and gives what it printed. */
  claude(...args: string[]): Promise<string>;
  /** A session in the background; its short name. */
  background(task: string): Promise<string>;
  /** Notes what should not be. */
  expect(what: string, holds: boolean): void;
}

/** A command of a session, which is there. */
interface Working {
  pid: number;
  tmpdir: string;
}

export async function performStory(run: Run, { story, commands }: Scenario): Promise<Measured> {
  const cli = cliNamed(run.cli);
  const api = await standIn(commands);
  const launcher = join(run.home, 'launcher');
  const settings = { env: { CLAUDE_CODE_PROCESS_WRAPPER: launcher } };
  const setup = { port: api.port, work: run.work, isSandboxed: false, isInDaemon: true, settings };
  for (const [path, text] of Object.entries(cli.files(setup))) write(join(run.home, path), text);
  const template = readFileSync(join(dirname(qwExec), 'qw-launcher.sh'), 'utf8');
  write(launcher, template.replace('@BINS@', `'${dirname(qwExec)}'`));
  chmodSync(launcher, 0o755);
  const places = watchPlaces(['/tmp', '/var/tmp', '/dev/shm']);
  const env = { ...BASE, HOME: run.home, TERM: 'xterm-256color', ...cli.env(api.port) };
  const wrong: string[] = [];
  const program = join(run.home, 'claude');
  symlinkSync(run.older ?? run.program, program);
  const claude = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(program, args, { cwd: run.work, env, timeout: 120_000 })).stdout;
  const stage: Stage = {
    ...{ program, work: run.work, env, claude },
    update: () => {
      rmSync(program);
      symlinkSync(run.program, program);
    },
    background: async (task) => /backgrounded · (\w+)/.exec(await claude('--bg', FREELY, task))?.[1] ?? '',
    expect: (what, holds) => {
      if (!holds) wrong.push(what);
    },
  };
  let said = '';
  await STORIES[story as Story](stage).catch((error: Error) => {
    wrong.push(error.message.split('\n')[0] ?? '');
    said = error.message;
  });
  await claude('daemon', 'stop', '--any').catch(() => {}); // where none runs it says so
  const ended = () => byArguments(/ (daemon run|--bg-pty-host|--bg-spare|--session-id) /).length === 0;
  await waitUntil('the daemon and its sessions end', ended, PATIENCE).catch((error: Error) => {
    wrong.push(error.message);
    said += others()
      .map(({ pid }) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
      .join('\n');
  });
  const { files, processes } = await settled(() => ({ files: places.left(), processes: others() }));
  await api.close();
  const inRoot = files.filter(({ path }) => path.startsWith(`${ROOT}/`));
  return {
    ...{ exit: 0, ran: commands.length, isTold: false, started: [], made: '', meanwhile: wrong },
    tmp: files
      .filter(({ path }) => path.startsWith('/tmp/') && !path.startsWith(`${ROOT}/`))
      .map(({ path, bytes }) => ({ path: path.slice('/tmp/'.length), bytes })),
    root: inRoot.filter(({ path }) => /^\/[a-z0-9]{8}\//.test(path.slice(ROOT.length))),
    elsewhere: files.filter(({ path }) => !path.startsWith('/tmp/')),
    processes: processes.map(({ name }) => name).sort(),
    ...{ said, asked: api.asked },
  };
}

const STORIES: Readonly<Record<Story, (stage: Stage) => Promise<void>>> = {
  stop: async (stage) => {
    const [first, second] = await two(stage);
    await stage.claude('stop', first.name);
    await gone(first);
    stage.expect('the other session is gone', isWell(second));
  },
  respawn: async (stage) => {
    const both = await two(stage);
    await stage.claude('respawn', '--all');
    for (const one of both) await gone(one);
    const listed = JSON.parse(await stage.claude('agents', '--json')) as object[];
    stage.expect(`${listed.length} sessions are listed`, listed.length === 2);
  },
  crash: async (stage) => {
    const [first, second] = await two(stage);
    const [session] = sessions().filter(({ tmpdir }) => tmpdir === first.tmpdir);
    kill(session?.pid ?? 0, 'SIGKILL');
    await gone(first);
    stage.expect('the other session is gone', isWell(second));
  },
  agents: async (stage) => {
    const seat = openSeat([stage.program, 'agents', FREELY], stage.work, stage.env);
    for (const count of [1, 2]) {
      await waitUntil('the view is there', () => plain(seat.said()).includes('describe a task'), PATIENCE);
      await typed(seat, `task ${count}`);
      await waitUntil('its command runs', () => working().length === count, PATIENCE);
    }
    ownEach(stage, working());
    kill(seat.pid, 'SIGHUP'); // its terminal is closed
    await waitUntil('the view is gone', () => !isAlive(seat.pid), PATIENCE);
    stage.expect('closing the view ended a session', working().length === 2);
  },
  update: async (stage) => {
    const first = await session(stage, 'one');
    const [host] = sessions();
    stage.update();
    const second = await session(stage, 'two', first);
    ownEach(stage, [first, second]);
    stage.expect('the session of before is gone', isWell(first) && isAlive(host?.pid ?? 0));
  },
};

/** Two sessions with a command each; nothing of them is in the daemon. */
async function two(stage: Stage): Promise<[Named, Named]> {
  const first = await session(stage, 'one');
  const second = await session(stage, 'two', first);
  ownEach(stage, [first, second]);
  return [first, second];
}

type Named = Working & { name: string };

async function session(stage: Stage, task: string, before?: Working): Promise<Named> {
  const name = await stage.background(task);
  const found = () => working().find(({ pid }) => pid !== before?.pid);
  await waitUntil(`the command of ${task} runs`, () => found() !== undefined, PATIENCE);
  return { ...(found() as Working), name };
}

/** Each in a TMPDIR of its own, and daemon and hosts of terminals in none. */
function ownEach(stage: Stage, all: readonly Working[]): void {
  const places = all.map(({ tmpdir }) => tmpdir);
  stage.expect(`TMPDIR ${places.join(' ')}`, new Set(places).size === all.length);
  for (const tmpdir of places) stage.expect(`TMPDIR ${tmpdir}`, tmpdir.startsWith(`${ROOT}/`));
  for (const { pid } of byArguments(/ (daemon run|--bg-pty-host) /))
    for (const name of ['TMPDIR', 'QW_SESSION'])
      stage.expect(`the daemon has ${name}`, variable(pid, name) === '');
}

const isWell = ({ pid, tmpdir }: Working): boolean => isAlive(pid) && existsSync(tmpdir);

/** Command and TMPDIR are. */
const gone = (one: Working | undefined) =>
  waitUntil('its TMPDIR is gone', () => one && !isAlive(one.pid) && !existsSync(one.tmpdir), PATIENCE);

/** Letter by letter: all at once is a paste, whose end of line ends nothing. What is drawn of it is no text to wait for. */
async function typed(seat: { type(text: string): void }, text: string): Promise<void> {
  for (const letter of text) seat.type(letter);
  await pause(2_000);
  seat.type('\r');
}

const FORWARD = new RegExp(`${String.fromCharCode(27)}\\[\\d*C`, 'g');
/** What a person reads. */
const plain = (text: string): string => stripVTControlCharacters(text.replace(FORWARD, ' '));

const working = (): Working[] =>
  others()
    .filter(({ name }) => name === 'command')
    .map(({ pid }) => ({ pid, tmpdir: variable(pid, 'TMPDIR') }));

/** Of background sessions, without the spare that waits; one that forks is there twice for a moment. */
function sessions(): Working[] {
  const all = byArguments(/^[^ ]+ (--bg-spare|--session-id) /)
    .map(({ pid }) => ({ pid, tmpdir: variable(pid, 'TMPDIR') }))
    .filter(({ tmpdir }) => isUsed(tmpdir));
  return [...new Map(all.reverse().map((one) => [one.tmpdir, one])).values()];
}

const isUsed = (tmpdir: string): boolean =>
  existsSync(tmpdir) && readdirSync(tmpdir).some((name) => name.startsWith('claude-'));

const byArguments = (pattern: RegExp): { pid: number }[] =>
  others().filter(({ pid }) => pattern.test(read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')));

const variable = (pid: number, name: string): string =>
  read(`/proc/${pid}/environ`)
    .split('\0')
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';
