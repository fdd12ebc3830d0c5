// qw-tmp show: one session, where, since when, who, what takes the space, and what would become of it.
import { misuse } from '../errors.js';
import { type SessionName, sessionNames } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { printable } from '../options.js';
import { type ShownSession, showSession } from '../reap/show-session.js';
import type { Command, CommandInput } from './command.js';
import { SHOW_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { formatAge, formatBytes, formatTime, table, toJson, withCommas } from './format.js';
import { commandOf } from './list-table.js';
import { print, say } from './say.js';
import { idsMeant } from './session-words.js';
import { stdoutTerminal } from './terminal.js';

export const show: Command = { name: 'show', help: SHOW_HELP, options: {}, run };

async function run(input: CommandInput): Promise<number> {
  const { root, isJson } = input;
  const { id } = await oneSession(input, 'show');
  const session = await showSession(id, process.env, root);
  if (!session) {
    say(`${id} cannot be shown: it is gone, or on a mount that is not asked; see qw-tmp list`);
    return EXIT.fellShort;
  }
  print(isJson ? toJson({ version: 1, session }) : describe(session));
  return 0;
}

/**
 * The session that a command is about.
 * @throws QwRunError `ERR_QW_USAGE` unless it is one
 */
export async function oneSession({ names, root }: CommandInput, command: string): Promise<SessionName> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw misuse(`${command} needs the id of one session; see qw-tmp list`);
  const known = await sessionNames(process.env, root);
  const [id] = idsMeant([name], known);
  const meant = known.find((one) => one.id === id);
  if (meant) return meant;
  const ids = known.map((one) => one.id);
  const hint = didYouMean(name, ids);
  throw misuse(`no session has the id ${name}${hint || ';'} see qw-tmp list`);
}

function describe(session: ShownSession): string {
  const { id, state, reason, label } = session;
  const { columns: width } = stdoutTerminal();
  const title = [id, state, `(${reason})`, ...(label === null ? [] : [printable(label)])].join('  ');
  const most = session.largest.map((one) => [
    `${formatBytes(one.bytes)}${one.isPartial ? '+' : ''}`,
    one.path,
  ]);
  const then = session.atEnd.map((line) => [line]);
  const section = (name: string, rows: string[][], rightAligned: number[] = []) => {
    const cells = rows.map((row) => ['', ...row.map(printable)]);
    return rows.length === 0 ? [] : [`${name}\n${table(cells, { width, rightAligned })}`];
  };
  return [
    ...section(title, facts(session)),
    ...section('who', tree(session.processes)),
    ...section('largest', most, [1]),
    ...section('at its end', then),
  ].join('\n');
}

function facts(session: ShownSession): string[][] {
  const { tmpdir, cwd, owner, createdAt, lastActivity, bytes, entries, growthPerMinute, isolate } = session;
  const growth = growthPerMinute === null ? '' : `, ${formatBytes(growthPerMinute)} a minute`;
  const all: [string, string | null][] = [
    ['command', session.command.length > 0 ? commandOf(session) : null],
    ['in', cwd],
    ['TMPDIR', tmpdir],
    ['isolated', isolate?.mode ?? null],
    ['since', when(createdAt)],
    ['last used', when(lastActivity)],
    ['owner', owner && `process ${owner.pid} on ${owner.host}`],
    ['size', `${formatBytes(bytes)} in ${withCommas(entries)} entries${growth}`],
  ];
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

const when = (time: string | null): string | null =>
  time && `${formatTime(time)}, ${formatAge(Date.now() - Date.parse(time))} ago`;

/** Children below their parents, with why each counts. */
function tree(processes: ShownSession['processes']): string[][] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const rows = (isMeant: (parent: number | null) => boolean, depth: number): string[][] =>
    processes
      .filter(({ parent }) => isMeant(parent))
      .flatMap(({ pid, name, why, evidence, holds }) => [
        [
          `${'  '.repeat(depth)}${pid || '?'} ${name}`,
          why,
          [...new Set([evidence, ...holds.slice(0, MOST_HOLDS)])].join(', '),
        ],
        ...(pid > 0 && depth < DEEPEST ? rows((parent) => parent === pid, depth + 1) : []),
      ]);
  return rows((parent) => parent === null || !pids.has(parent), 0);
}

const MOST_HOLDS = 2;
const DEEPEST = 20;
