// qw-tmp list: a table for people, ids for scripts, or the library's answer as JSON.
import { misuse } from '../errors.js';
import { type SessionState, STATES } from '../judge/judge.js';
import { MAX_TIMER_MS, parseDuration, parseWord } from '../options.js';
import { listNow, resolveList, type SessionInfo, type SessionList } from '../reap/list-sessions.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { toJson, wayOut } from './format.js';
import { describeLately, describeList } from './list-table.js';
import { print, say } from './say.js';
import { stdoutTerminal } from './terminal.js';
import { watchList } from './watch.js';

const HELP = `qw-tmp list shows the sessions there are, oldest first, and the space that is left.

  qw-tmp ls                          all of them
  qw-tmp ls --state held,kept        those that stay although their owner is gone
  qw-tmp ls --sort size --wide       the largest first, with their TMPDIR
  qw-tmp ls --watch                  draw it again every 2 s; Ctrl-C ends it
  qw-tmp rm $(qw-tmp ls -q --state orphan)

Usage: qw-tmp list [options]      also: qw-tmp ls

  --state STATES    only live, held, kept, orphan, foreign or unknown ones;
                    several with commas
  --sort WHAT       age, size, growth, label or state (age)
  -q, --quiet       ids only, one a line
  --wide            TMPDIR too
  --watch           draw it again and again in its place: size, growth in the
                    last minute, processes, free space; on a terminal only
  --every DURATION  with --watch: time between two looks (2s)
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something could not be looked at (said which), 2 misuse.
`;

export const list: Command = { name: 'list', aliases: ['ls'], help: HELP, run };

async function run(input: CommandInput): Promise<number> {
  const { names, root, isJson } = input;
  if (names.length > 0) throw misuse(`list takes no names: ${names[0]}; see qw-tmp list --help`);
  const states = input
    .value('state')
    ?.split(',')
    .map((word) => parseWord('state', word.trim(), STATES));
  const sort = parseWord('sort', input.value('sort') ?? 'age', Object.keys(SORTS) as Sort[]);
  const wanted = resolveList({ root });
  const look = async () => arrange(await listNow(wanted), { states, sort });
  const isWide = input.has('wide');
  if (input.has('watch')) return watchList({ look, isWide, everyMs: everyMs(input) });
  if (input.value('every') !== undefined) throw misuse('every needs --watch');
  const found = await look();
  const { columns } = stdoutTerminal();
  if (isJson) print(toJson(found));
  else if (input.has('quiet')) print(found.sessions.map(({ id }) => `${id}\n`).join(''));
  else print(`${describeList(found, { width: columns, isWide, states })}${describeLately(found)}`);
  for (const { path, reason, hint } of isJson ? [] : found.unseen)
    say(`not listed: ${path}: ${reason}${wayOut(hint)}`);
  return found.unseen.length > 0 ? EXIT.fellShort : 0;
}

function everyMs(input: CommandInput): number {
  const other = ['json', 'quiet'].find(input.has);
  if (other !== undefined) throw misuse(`--watch is for people: not with --${other}`);
  const ms = parseDuration('every', input.value('every') ?? '2s');
  if (ms < LEAST_EVERY_MS || ms > MAX_TIMER_MS)
    throw misuse(`every must be between ${LEAST_EVERY_MS}ms and 24d`);
  if (!stdoutTerminal().isTerminal) throw misuse('--watch needs a terminal; without one: qw-tmp list --json');
  return ms;
}

/** Where there are many processes and files, a look at all of them takes about that long. */
const LEAST_EVERY_MS = 500;

/** What is most worth seeing comes first. */
const SORTS = {
  age: () => 0, // as the library gives them: oldest first
  size: (a: SessionInfo, b: SessionInfo) => b.bytes - a.bytes,
  growth: (a: SessionInfo, b: SessionInfo) => (b.growthPerMinute ?? -1) - (a.growthPerMinute ?? -1),
  label: (a: SessionInfo, b: SessionInfo) => compare(a.label ?? '\uffff', b.label ?? '\uffff'),
  state: (a: SessionInfo, b: SessionInfo) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
} as const;
type Sort = keyof typeof SORTS;

function arrange(
  list: SessionList,
  { states, sort }: { states: readonly SessionState[] | undefined; sort: Sort },
): SessionList {
  const sessions = list.sessions.filter(({ state }) => states?.includes(state) ?? true);
  return { ...list, sessions: sessions.sort(SORTS[sort]) };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
