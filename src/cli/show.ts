// qw-tmp show: one session, where, since when, who, what takes the space, and what would become of it.
import { QwRunError } from '../errors.js';
import { type SessionName, sessionNames } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { printable } from '../options.js';
import { type ShownSession, showSession } from '../reap/show-session.js';
import type { Command, CommandInput } from './command.js';
import { SHOW_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { formatAge, formatBytes, table, toJson, withCommas } from './format.js';
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
    say(`${id} cannot be shown: it is gone, or on a mount that is not asked; see qw-tmp list`, 'qw-tmp');
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
    throw new QwRunError('ERR_QW_USAGE', `${command} needs the id of one session; see qw-tmp list`);
  const known = await sessionNames(process.env, root);
  const [id] = idsMeant([name], known);
  const meant = known.find((one) => one.id === id);
  if (meant) return meant;
  const hint = didYouMean(
    name,
    known.map((one) => one.id),
  );
  throw new QwRunError('ERR_QW_USAGE', `no session has the id ${name}${hint || ';'} see qw-tmp list`);
}

function describe(session: ShownSession): string {
  const { id, state, reason, label } = session;
  const { columns: width } = stdoutTerminal();
  const rows = (those: string[][], rightAligned: number[] = []) =>
    table(
      those.map((row) => ['', ...row.map(printable)]),
      { width, rightAligned: rightAligned.map((at) => at + 1) },
    );
  const title = [id, state, `(${reason})`, ...(label === null ? [] : [printable(label)])].join('  ');
  const most = session.largest.map(({ path, bytes, isPartial }) => [
    `${formatBytes(bytes)}${isPartial ? '+' : ''}`,
    path,
  ]);
  return [
    `${title}\n${rows(facts(session))}`,
    section('who', rows(tree(session.processes))),
    section('largest', rows(most, [0])),
    section('at its end', rows(session.atEnd.map((line) => [line]))),
  ]
    .filter(Boolean)
    .join('\n');
}

const section = (title: string, body: string): string => (body === '' ? '' : `${title}\n${body}`);

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
  time && `${time.slice(0, 16).replace('T', ' ')} UTC, ${formatAge(Date.now() - Date.parse(time))} ago`;

/** Children below their parents, with why each counts. */
function tree(processes: ShownSession['processes']): string[][] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const below = (parent: number | null, depth: number): string[][] =>
    processes
      .filter((one) =>
        parent === null ? one.parent === null || !pids.has(one.parent) : one.parent === parent,
      )
      .flatMap(({ pid, name, why, evidence, holds }) => [
        [
          `${'  '.repeat(depth)}${pid || '?'} ${name}`,
          why,
          [evidence, ...holds.slice(0, MOST_HOLDS)]
            .filter((word, at, all) => all.indexOf(word) === at)
            .join(', '),
        ],
        ...(pid > 0 && depth < DEEPEST ? below(pid, depth + 1) : []),
      ]);
  return below(null, 0);
}

const MOST_HOLDS = 2;
const DEEPEST = 20;
