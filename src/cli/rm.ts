// qw-tmp rm: removes the sessions named, or those in a state after a question. Refuses what is in use;
// --force ends the members first.
import { misuse } from '../errors.js';
import { codeOf, fs } from '../fs.js';
import type { SessionState } from '../judge/judge.js';
import { type SessionName, sessionNames } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { printable } from '../quote.js';
import { listNow, resolveList, type SessionInfo } from '../reap/list-sessions.js';
import { type RemoveReport, removeSessions } from '../reap/remove-sessions.js';
import { isTerminal } from '../terminal/is-terminal.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { formatBytes, sumBytes, toJson, wayOut } from './format.js';
import { describeGone } from './kept-work.js';
import { print, say, write } from './say.js';
import { idsMeant } from './session-words.js';

const HELP = `qw-tmp rm removes sessions that nobody uses, kept ones too.

  qw-tmp rm k3j9x0ab                 by id
  qw-tmp rm k3j                      by how its id begins, where no other does
  qw-tmp rm build                    by label, where no other session has it
  qw-tmp rm --kept                   all that were kept; asks first
  qw-tmp rm --force k3j9x0ab         one that lives; end its processes first

Usage: qw-tmp rm [options] NAME...
       qw-tmp rm [options] --kept | --orphans | --all

  --kept            all that were kept: on request, or for the work in them
  --orphans         all that nobody owns or uses
  --all             both; with --force every session but the one it runs in
  -y, --yes         do not ask; without a terminal --kept and --all need it
  --force           end the processes of a living session first
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something stayed (said why), 2 misuse: nothing is removed.
`;

export const rm: Command = { name: 'rm', help: HELP, run };

async function run(input: CommandInput): Promise<number> {
  const { names, root, isJson, has } = input;
  const selector = SELECTORS.find(has);
  if (names.length > 0 && selector !== undefined) throw misuse(`rm takes names or --${selector}, not both`);
  if (names.length === 0 && selector === undefined)
    throw misuse('rm needs the id of a session; see qw-tmp list');
  const known = selector === undefined ? await sessionNames(process.env, root) : [];
  const ids = selector === undefined ? idsMeant(names, known) : await select(input);
  if (ids === undefined) {
    say('nothing was removed');
    return EXIT.fellShort;
  }
  const only = selector === undefined ? undefined : statesWanted(has);
  const report = await removeSessions({ ids, root, only, force: has('force') });
  if (isJson) print(toJson(report));
  else tell(report, known, has('force'));
  return report.kept.length + report.failed.length > 0 ? EXIT.fellShort : 0;
}

function tell(
  { removed, ended, work, kept, failed }: RemoveReport,
  known: readonly SessionName[],
  isForced: boolean,
): void {
  const isNothing = [removed, kept, failed].every((those) => those.length === 0);
  print(isNothing ? 'nothing to remove\n' : removed.map((id) => `removed ${id}\n`).join(''));
  if (ended.length > 0) say(`ended ${ended.map(({ pid, name }) => `${name} (${pid})`).join(', ')}`);
  for (const line of describeGone(work)) say(line);
  for (const { id, state, reason } of kept) {
    const force = state === 'live' && !isForced ? '; --force ends its processes first' : '';
    say(`kept ${id}: it is ${state} (${reason})${force}`);
  }
  const ids = known.map(({ id }) => id);
  for (const { path, reason, hint } of failed) {
    const meant = didYouMean(path, ids);
    say(`could not remove ${path}: ${reason}${meant}${wayOut(hint)}`);
  }
}

/** The options that choose by state. */
const SELECTORS = ['kept', 'orphans', 'all'] as const;

/** The states that were asked for; undefined for every one. */
function statesWanted(has: (option: string) => boolean): SessionState[] | undefined {
  if (has('all')) return has('force') ? undefined : ['kept', 'orphan'];
  return [...(has('kept') ? (['kept'] as const) : []), ...(has('orphans') ? (['orphan'] as const) : [])];
}

/** Their ids; undefined when the person said no. What nobody owns or uses is taken without a question. */
async function select({ root, has }: CommandInput): Promise<string[] | undefined> {
  const states = statesWanted(has);
  const isHarmless = states?.every((state) => state === 'orphan') === true;
  const mayAsk = !has('yes') && !isHarmless;
  if (mayAsk && !canAsk()) throw misuse('there is no terminal to ask at: --kept and --all need --yes');
  const { sessions } = await listNow(resolveList({ root }));
  const own = process.env['QW_SESSION'];
  const meant = sessions.filter(({ id, state }) => states?.includes(state) ?? id !== own);
  if (mayAsk && meant.length > 0 && !isAgreed(meant)) return undefined;
  return meant.map(({ id }) => id);
}

function isAgreed(sessions: readonly SessionInfo[]): boolean {
  write(2, `${sessions.flatMap(describe).join('\n')}\n`);
  const what = sessions.length === 1 ? 'this session' : `these ${sessions.length} sessions`;
  return ask(`qw-tmp: remove ${what} (${formatBytes(sumBytes(sessions))})?`);
}

function describe({ id, state, label, bytes, work, holders }: SessionInfo): string[] {
  const isUsed = state === 'live' || state === 'held'; // in those nobody looks for work beforehand
  const users = isUsed ? `, ${holders.length} processes; worktrees in it go, too` : '';
  return [
    `  ${[id, state, ...(label === null ? [] : [printable(label)]), formatBytes(bytes)].join('  ')}${users}`,
    ...work.map(({ path, branch }) =>
      printable(`    with work: ${path}${branch ? `, branch ${branch}` : ''}`),
    ),
  ];
}

/** A person can read what we say and answer. */
const canAsk = (): boolean => isTerminal(0) && isTerminal(2);

/** True for `y` and `yes` alone. Ctrl-C ends us: nothing has been done yet. */
function ask(question: string): boolean {
  write(2, `${question} [y/N] `);
  return /^\s*y(es)?\s*$/i.test(readLine());
}

function readLine(): string {
  const buffer = Buffer.alloc(256);
  let line = '';
  while (!line.includes('\n')) {
    try {
      const count = fs.readSync(0, buffer);
      if (count === 0) break; // Ctrl-D
      line += buffer.toString('latin1', 0, count);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  if (!line.endsWith('\n')) write(2, '\n');
  return line.endsWith('\n') ? line : ''; // half a word was not meant
}
