// Two terminals of one agent side by side, in the scenario's order: each runs a command and stays, then one
// quits, then the other. What the one without us leaves is not counted: its daemon goes on, as it should.
import { existsSync, mkdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../helpers/wait-until.js';
import { standIn } from '../api/stand-in.js';
import { cliNamed } from '../clis/clis.js';
import type { Scenario } from '../scenario.js';
import { BASE, behind } from './agent.js';
import { read, write } from './files.js';
import { watchPlaces } from './left.js';
import { others } from './processes.js';
import type { Measured, Run } from './row.js';
import { openSeat, type Seat } from './seat.js';

const START_MS = 150_000;
const ROOT = `/tmp/qw-${process.getuid?.()}`;

interface Taken extends Seat {
  isWrapped: boolean;
  work: string;
  /** What mktemp of its command said. */
  made: string;
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
  const seats: Taken[] = [];
  for (const [at, letter] of [...order].entries()) {
    const wrapper = letter === 'W' ? behind(run.mode) : [];
    seats.push(await seated(wrapper, command, terminals[at] as string, env));
  }
  const [goes, stays] = (quits === 'first' ? seats : seats.reverse()) as [Taken, Taken];
  const wrong = [...(await placed(goes)), ...(await placed(stays))];
  const exits = [await goes.quit()];
  wrong.push(
    ...(await afterwards(goes)),
    ...((await runs(stays.work)) ? [] : ["the other one's command is gone"]),
  );
  if (stays.isWrapped && !existsSync(stays.made)) wrong.push("the other one's TMPDIR is gone");
  exits.push(await stays.quit());
  wrong.push(...(await afterwards(stays)));
  await api.close();
  const isOurs = [goes.isWrapped, stays.isWrapped];
  return {
    exit: exits.find((exit, at) => isOurs[at] && exit !== 0) ?? 0,
    ...{ began: 0, ran: api.ran() },
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
  wrapper: string[],
  command: string[],
  work: string,
  env: Record<string, string>,
): Promise<Taken> {
  const seat = openSeat([...wrapper, ...command], work, env);
  const made = () => read(join(work, 'made'));
  await waitUntil('its command runs', () => made() && commandOf(work), { timeoutMs: START_MS }).catch(
    () => {},
  );
  return { ...seat, isWrapped: wrapper.length > 0, work, made: made() };
}

async function placed({ isWrapped, made, work }: Taken): Promise<string[]> {
  const isInRoot = made.startsWith(`${ROOT}/`);
  return [
    ...((await runs(work)) ? [] : ['its command was never seen']),
    ...(isInRoot === isWrapped ? [] : [`mktemp ${isWrapped ? 'with' : 'without'} us: ${made}`]),
  ];
}

/** Its command does, or is about to again. */
const runs = (work: string): Promise<boolean> =>
  waitUntil('its command runs', () => commandOf(work), { timeoutMs: START_MS }).then(
    () => true,
    () => false,
  );

/** The launcher's session ends behind its back. */
async function afterwards({ isWrapped, made, work }: Taken): Promise<string[]> {
  if (!isWrapped) return [];
  const isOver = () => !existsSync(made) && !commandOf(work);
  await waitUntil('all of it is gone', isOver, { timeoutMs: START_MS }).catch(() => {});
  return [
    ...(existsSync(made) ? ['its TMPDIR stays'] : []),
    ...(commandOf(work) ? ['its command goes on'] : []),
  ];
}

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
