// qw-tmp list: a table for people, ids for scripts, or the library's answer as JSON.
import { misuse } from '../errors.js';
import { MAX_TIMER_MS, parseDuration, parseWord } from '../options.js';
import { listNow, resolveList } from '../reap/list-sessions.js';
import type { Command, CommandInput } from './command.js';
import { LIST_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { toJson, wayOut } from './format.js';
import { arrange, parseStates, SORTS, type Sort } from './list-order.js';
import { describeLately, describeList } from './list-table.js';
import { print, say } from './say.js';
import { stdoutTerminal } from './terminal.js';
import { watchList } from './watch.js';

export const list: Command = {
  name: 'list',
  aliases: ['ls'],
  help: LIST_HELP,
  options: {
    state: { type: 'string' },
    sort: { type: 'string' },
    quiet: { type: 'boolean', short: 'q' },
    wide: { type: 'boolean' },
    watch: { type: 'boolean' },
    every: { type: 'string' },
  },
  run,
};

async function run(input: CommandInput): Promise<number> {
  const { names, root, isJson } = input;
  if (names.length > 0) throw misuse(`list takes no names: ${names[0]}; see qw-tmp list --help`);
  const states = parseStates(input.value('state'));
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

/** A look at all processes and all files costs about that much where there are many. */
const LEAST_EVERY_MS = 500;
