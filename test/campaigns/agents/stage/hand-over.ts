// Two terminals of Claude, with us or without, whose conversations go on in the background: a copy (`/fork`), or all
// of it (`/bg`, which frees the terminal). The first of them has the daemon started, the second uses it; then they
// quit. What runs in the background goes on, in the TMPDIR that the daemon was started with: that of the first
// terminal. Where it is a session's of ours, it stays as long as the daemon. With our launcher in Claude's slot each
// has a TMPDIR of its own, and the daemon none. What qw-run's terminal hands to a daemon without us is told so, model
// and user, and nobody else.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Mode, Scenario } from '../scenario.js';
import { behind } from './agent.js';
import { read } from './files.js';
import { openSeat, plain, type Seat, typed } from './seat.js';
import { managers, ofDaemon, ourSessions, variable, working } from './sessions.js';
import { FREELY, PATIENCE, ROOT, type Stage } from './story.js';

type Pair = NonNullable<Scenario['pair']>;

interface Taken {
  isWrapped: boolean;
  seat: Seat;
  /** Commands: the terminal's own (none where it was freed), and the one in the background. */
  own: number | undefined;
  handed: number;
}

export async function handOver(
  stage: Stage,
  how: 'fork' | 'bg',
  { order, quits }: Pair,
  mode: Mode,
): Promise<void> {
  const both: Taken[] = [];
  for (const letter of order)
    both.push(await taken(stage, how, letter === 'U' ? 'alone' : mode === 'slot' ? 'qw-run' : mode));
  const [first] = both as [Taken];
  const inBackground = both.map(({ handed }) => handed);
  if (mode === 'slot') ownEach(stage, both);
  else sharing(stage, first, inBackground);
  for (const { own, isWrapped } of both) if (own) isAtHome(stage, own, isWrapped);
  await told(stage, mode === 'qw-run' && order === 'UW');
  const [goes, stays] = (quits === 'first' ? both : both.reverse()) as [Taken, Taken];
  await quitting(stage, goes);
  if (stays.own) stage.expect("the other terminal's command is gone", isWell(stage, stays.own));
  goOn(stage, inBackground);
  await quitting(stage, stays);
  const isOver = () => ourSessions().every((id) => inUse(inBackground).includes(id));
  await waitUntil('our sessions are over', isOver, PATIENCE);
  goOn(stage, inBackground);
}

/** Sessions of ours that commands in the background, the daemon or what that started are in: a spare too, in the slot. */
const inUse = (inBackground: readonly number[]): string[] =>
  [...inBackground, ...ofDaemon().map(({ pid }) => pid)].map((pid) => variable(pid, 'QW_SESSION'));

async function told(stage: Stage, isAstray: boolean): Promise<void> {
  const strays = stage.strays();
  const areOurs = strays.every((tmpdir) => tmpdir.startsWith(`${ROOT}/`));
  stage.expect(`the model is told of ${strays}`, strays.length === (isAstray ? 1 : 0) && areOurs);
  const all = JSON.parse(await stage.claude('agents', '--json')) as { id?: string }[];
  const screens = await Promise.all(all.flatMap(({ id }) => (id ? [stage.claude('logs', id)] : [])));
  const shown = screens.filter((text) => /says: qw-run: commands of/.test(plain(text)));
  stage.expect(`${shown.length} users are told`, shown.length === (isAstray ? 1 : 0));
}

/** With the daemon of the first one all have its TMPDIR; with that of one without us nothing of ours. */
function sharing(stage: Stage, { isWrapped }: Taken, inBackground: readonly number[]): void {
  const [given = ''] = inBackground.map((pid) => variable(pid, 'TMPDIR'));
  stage.expect(`TMPDIR ${given} in the background`, given.startsWith(`${ROOT}/`) === isWrapped);
  for (const pid of [...inBackground, ...ofDaemon().map((one) => one.pid)])
    stage.expect(`TMPDIR ${variable(pid, 'TMPDIR')} of another`, variable(pid, 'TMPDIR') === given);
}

function ownEach(stage: Stage, both: readonly Taken[]): void {
  const places = both.flatMap(({ own, handed }) =>
    [handed, ...(own ? [own] : [])].map((pid) => variable(pid, 'TMPDIR')),
  );
  const ours = places.filter((place) => place.startsWith(`${ROOT}/`));
  const wrapped = both.filter(({ own, isWrapped }) => own && isWrapped).length;
  stage.expect(`TMPDIR ${places.join(' ')}`, new Set(ours).size === both.length + wrapped);
  for (const { pid } of managers())
    for (const name of ['TMPDIR', 'QW_SESSION'])
      stage.expect(`the daemon has ${name} ${variable(pid, name)}`, variable(pid, name) === '');
}

/** Its conversation went on in the background, and in itself too where it was only copied. */
async function taken(stage: Stage, how: 'fork' | 'bg', mode: Mode): Promise<Taken> {
  const next = nextCommand();
  const seat = openSeat([...behind(mode), stage.program, FREELY, 'hi'], stage.work, stage.env);
  try {
    await interrupted(seat, await next('its command'));
    await typed(seat, `/${how} go on`);
    const handed = await next('the command in the background');
    if (how === 'bg') await waitUntil('the terminal is freed', seat.hasEnded, PATIENCE);
    else await typed(seat, 'go on');
    const own = how === 'bg' ? undefined : await next('its next command');
    return { isWrapped: mode !== 'alone', seat, own, handed };
  } catch (error) {
    throw new Error(`${(error as Error).message}; it showed ${seat.said().slice(-3_000)}`);
  }
}

/** Gives commands of the model that were not there before. */
export function nextCommand(): (what: string) => Promise<number> {
  const known = new Set(working().map(({ pid }) => pid));
  return async (what) => {
    const found = () => working().find(({ pid }) => !known.has(pid));
    await waitUntil(`${what} runs`, found, PATIENCE);
    const { pid } = found() as { pid: number };
    known.add(pid);
    return pid;
  };
}

/** Ctrl-C while this command runs: it waits for a word. */
export async function interrupted(seat: Seat, command: number): Promise<void> {
  await settled(); // what shows a command takes a key a moment later
  seat.type('\x03');
  await waitUntil('Ctrl-C ends its command', () => !isAlive(command), PATIENCE);
  await settled();
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 3_000));

/** Where its command made a file. */
const madeBy = (stage: Stage, pid: number): string => read(join(stage.work, `made-${pid}`));

const isWell = (stage: Stage, pid: number): boolean => isAlive(pid) && existsSync(madeBy(stage, pid));

function isAtHome(stage: Stage, pid: number, isWrapped: boolean): void {
  const made = madeBy(stage, pid);
  stage.expect(
    `mktemp ${isWrapped ? 'with' : 'without'} us: ${made}`,
    made.startsWith(`${ROOT}/`) === isWrapped,
  );
}

function goOn(stage: Stage, inBackground: readonly number[]): void {
  for (const pid of inBackground) stage.expect('a command in the background is gone', isWell(stage, pid));
}

/** What is its own goes. */
async function quitting(stage: Stage, { seat, own, isWrapped }: Taken): Promise<void> {
  const tmpdir = own ? variable(own, 'TMPDIR') : '';
  const isShared = tmpdir !== '' && managers().some(({ pid }) => variable(pid, 'TMPDIR') === tmpdir);
  const exit = await seat.quit();
  stage.expect(`exit ${exit}`, exit === 0);
  if (!own) return;
  // Its TMPDIR may be the daemon's.
  const isOver = () => !isAlive(own) && !(isWrapped && !isShared && existsSync(madeBy(stage, own)));
  await waitUntil('what is its own is gone', isOver, PATIENCE);
}
