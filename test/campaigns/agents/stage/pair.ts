// Two terminals of one agent side by side, in the scenario's order: each runs a command and stays, then one
// quits, then the other. What the one without us leaves is not counted: its daemon goes on, as it should.
import { existsSync, mkdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { qwRun } from '../../../helpers/paths.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { standIn } from '../api/stand-in.js';
import { cliNamed } from '../clis/clis.js';
import type { Scenario } from '../scenarios.js';
import { BASE } from './agent.js';
import { read, write } from './files.js';
import { watchPlaces } from './left.js';
import { others } from './processes.js';
import type { Exit, Measured, Run } from './row.js';

const START_MS = 60_000;
const END_MS = 60_000;
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const ROOT = `/tmp/qw-${process.getuid?.()}`;

interface Seat {
  isWrapped: boolean;
  work: string;
  /** What mktemp of its command said. */
  made: string;
  said(): string;
  /** Types Ctrl-C until it is gone. */
  quit(): Promise<Exit>;
}

export async function performPair(run: Run, scenario: Scenario): Promise<Measured> {
  const { order, quits } = scenario.pair as NonNullable<Scenario['pair']>;
  const cli = cliNamed(run.cli);
  const api = await standIn(scenario.commands);
  const terminals = ['a', 'b'].map((name) => join(run.work, name));
  const setup = { port: api.port, work: run.work, terminals, isSandboxed: false, isInDaemon: false };
  for (const dir of terminals) mkdirSync(dir, { recursive: true });
  for (const [path, text] of Object.entries(cli.files(setup))) write(join(run.home, path), text);
  const root = watchPlaces([ROOT]);
  const command = [run.program, ...(cli.terminal?.(setup) ?? [])];
  const env = { ...BASE, HOME: run.home, TERM: 'xterm-256color', ...cli.env(api.port) };
  const seats: Seat[] = [];
  for (const [at, letter] of [...order].entries())
    seats.push(
      await seated(
        letter === 'W' ? [process.execPath, qwRun, ...command] : command,
        terminals[at] as string,
        env,
      ),
    );
  const [goes, stays] = (quits === 'first' ? seats : seats.reverse()) as [Seat, Seat];
  const wrong = [...placed(goes), ...placed(stays)];
  const exits = [await goes.quit()];
  wrong.push(...afterwards(goes), ...(commandOf(stays.work) ? [] : ["the other one's command is gone"]));
  if (stays.isWrapped && !existsSync(stays.made)) wrong.push("the other one's TMPDIR is gone");
  exits.push(await stays.quit());
  wrong.push(...afterwards(stays));
  await api.close();
  const isOurs = [goes.isWrapped, stays.isWrapped];
  return {
    exit: exits.find((exit, at) => isOurs[at] && exit !== 0) ?? 0,
    ran: 0,
    isTold: false,
    started: [],
    made: [goes, stays].find(({ isWrapped }) => isWrapped)?.made ?? '',
    meanwhile: wrong,
    tmp: [],
    root: root.left().filter(({ path }) => /^\/[a-z0-9]{8}\//.test(path.slice(ROOT.length))),
    elsewhere: [],
    processes: [],
    said: goes.said() + stays.said(),
    asked: api.asked,
  };
}

async function seated(
  [file = '', ...args]: string[],
  work: string,
  env: Record<string, string>,
): Promise<Seat> {
  const pty = spawn(file, args, { cwd: work, env, cols: 120, rows: 40, name: 'xterm-256color' });
  let said = '';
  let exit: Exit | undefined;
  pty.onExit(({ exitCode, signal }) => {
    exit = nameOf(signal) ?? exitCode;
  });
  pty.onData((text) => {
    said = (said + text).slice(-4_000);
    answer(pty, text);
  });
  const made = () => read(join(work, 'made'));
  await waitUntil('its command runs', () => made() && commandOf(work), { timeoutMs: START_MS }).catch(
    () => {},
  );
  const quit = async (): Promise<Exit> => {
    const hasEnded = () => exit !== undefined;
    const hasLeft = () => said.lastIndexOf(PASTE_OFF) > said.lastIndexOf(PASTE_ON);
    const until = Date.now() + END_MS;
    while (!hasEnded() && Date.now() < until) {
      // It has given the screen back: one more would be the terminal's own, SIGINT.
      if (!hasLeft()) pty.write('\x03');
      await waitUntil('it has left', hasEnded, { timeoutMs: 1_500 }).catch(() => {});
    }
    return exit ?? 'still running';
  };
  return { isWrapped: args.includes(qwRun), work, made: made(), said: () => said, quit };
}

const nameOf = (signal: number | undefined): Exit | undefined =>
  (Object.keys(constants.signals) as NodeJS.Signals[]).find((name) => constants.signals[name] === signal);

/** What a terminal says when it is asked where its cursor is, and what it can do. */
function answer(pty: IPty, text: string): void {
  if (text.includes('\x1b[6n')) pty.write('\x1b[1;1R');
  if (text.includes('\x1b[c')) pty.write('\x1b[?1;2c');
}

function placed({ isWrapped, made, work }: Seat): string[] {
  const isInRoot = made.startsWith(`${ROOT}/`);
  return [
    ...(commandOf(work) ? [] : ['its command was never seen']),
    ...(isInRoot === isWrapped ? [] : [`mktemp ${isWrapped ? 'with' : 'without'} us: ${made}`]),
  ];
}

const afterwards = ({ isWrapped, made, work }: Seat): string[] =>
  isWrapped
    ? [...(existsSync(made) ? ['its TMPDIR stays'] : []), ...(commandOf(work) ? ['its command goes on'] : [])]
    : [];

/** The command of the terminal that began there. */
const commandOf = (work: string): boolean =>
  others().some(({ pid, name }) => name === 'command' && cwdOf(pid) === work);

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // gone
  }
}
