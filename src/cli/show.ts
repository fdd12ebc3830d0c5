// qw-tmp show: one session, where, since when, who, what takes the space, and what would become of it.
import { commandText, printable } from '../quote.js';
import { type ShownSession, showSession } from '../reap/show-session.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { formatBytes, formatSince, formatTime, table, toJson, withCommas } from './format.js';
import { print, say } from './say.js';
import { oneSession } from './session-words.js';
import { stdoutTerminal } from './terminal.js';

const HELP = `qw-tmp show shows all that can be seen of one session, and what would become of it.

  qw-tmp show k3j9x0ab               by id, how an id begins, or label
  qw-tmp show build --json           the same for programs

Usage: qw-tmp show NAME [options]

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

It shows where its TMPDIR is, since when, its processes with why each counts, the
largest entries, and what would happen if it ended now.

Exit status: 0 done, 1 it cannot be looked at, 2 misuse.
`;

export const show: Command = { name: 'show', help: HELP, run };

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
    const cells = rows.map((row) => ['', ...row]);
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
    ['command', session.command.length > 0 ? commandText(session.command) : null],
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

const when = (time: string | null): string | null => time && `${formatTime(time)}, ${formatSince(time)} ago`;

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
