// Which sessions `qw-tmp rm --kept`, `--orphans` and `--all` mean, and the question before.
import { misuse } from '../errors.js';
import type { SessionState } from '../judge/judge.js';
import { printable } from '../options.js';
import { listNow, resolveList, type SessionInfo } from '../reap/list-sessions.js';
import { ask, canAsk } from './ask.js';
import type { CommandInput } from './command.js';
import { formatBytes, sumBytes } from './format.js';
import { write } from './say.js';

/** The options that choose by state. */
export const SELECTORS = ['kept', 'orphans', 'all'] as const;

/** The states that were asked for; undefined for every one. */
export function statesWanted(has: (option: string) => boolean): SessionState[] | undefined {
  if (has('all')) return has('force') ? undefined : ['kept', 'orphan'];
  return [...(has('kept') ? (['kept'] as const) : []), ...(has('orphans') ? (['orphan'] as const) : [])];
}

/** Their ids; undefined when the person said no. What nobody owns or uses is taken without a question. */
export async function select({ root, has }: CommandInput): Promise<string[] | undefined> {
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
