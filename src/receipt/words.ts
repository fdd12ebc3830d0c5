// A receipt in words, for lists and explanations. Pure.
import type { Remaining } from '../end/remaining.js';
import type { Failure } from '../remove/failure.js';
import type { KeptWork } from '../work/kept-work.js';
import type { TempRepository } from '../work/work.js';
import type { ReceiptBy, SessionReceipt } from './receipt.js';

/** `ended sh (12), sleep (13); removed (owner-dead)`. */
export function outcomeText({ ended, cut, by, ...receipt }: SessionReceipt): string {
  if (by === 'launcher')
    return `no session: ${receipt.failed[0]?.reason}; qw-exec ran the command without one`;
  const outcome = stateText(receipt);
  return ended.length > 0 ? `ended ${namesOf(ended, cut?.['ended'])}; ${outcome}` : outcome;
}

type Outcome = Pick<SessionReceipt, 'state' | 'reason' | 'left' | 'failed' | 'work'>;

function stateText({ state, reason, left, failed: [fault], work: [first, ...more] }: Outcome): string {
  if (state === 'removed') return reason === undefined ? 'removed' : `removed (${reason})`;
  if (state === 'failed') return `not removed${fault ? `: ${failureText(fault)}` : ''}`;
  if (first) return `kept ${workText(first)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
  const users = reason === 'in-use' && left.length > 0 ? `in use by ${namesOf(left)}` : reason;
  const words = state === 'kept' && users !== undefined ? [users] : [state, users];
  return `kept (${words.filter(Boolean).join(', ')})`;
}

/** Where a start got no session, there may be no path. */
export const failureText = ({ path, reason }: Pick<Failure, 'path' | 'reason'>): string =>
  path === '' ? reason : `${path}: ${reason}`;

export const repositoryText = ({ path, branch }: TempRepository): string =>
  `${path}, a git repository${branch === null ? '' : ` on branch ${branch}`} that was wholly in there`;

export function workText({ path, kind, branch, repository }: KeptWork): string {
  if (kind === 'repository')
    return `${path}, a git repository whose worktree is ${repository ?? 'elsewhere'}`;
  if (kind === 'lender') return `${path}, a git repository whose objects ${repository ?? 'another'} borrows`;
  if (kind === 'separate-git-dir') return `${path}, a git working tree whose repository is elsewhere`;
  const where = branch === null ? '' : ` on branch ${branch}`;
  return `${path}, a git worktree of ${repository ?? 'a repository elsewhere'}${where}`;
}

/**
 * `sh (12), sleep (13)`; as many as a line holds. `count`: how many there were, where some are cut off. `why`
 * goes behind the pid.
 */
export function namesOf<T extends Pick<Remaining, 'pid' | 'name'>>(
  processes: readonly T[],
  count = processes.length,
  why: (one: T) => string = () => '',
): string {
  const shown = processes
    .slice(0, MAX_NAMES)
    .map((one) => `${one.name} (${[one.pid || 'pid unknown', why(one)].filter(Boolean).join(', ')})`);
  const more = Math.max(count, processes.length) - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** `; listened on 3000, 5173`. */
export const portsText = ({ ports = [] }: { ports?: number[] }): string =>
  ports.length > 0 ? `; listened on ${ports.join(', ')}` : '';

/** Who that is. */
export const BY: Record<ReceiptBy, string> = {
  owner: 'its owner',
  watchdog: 'the watchdog of its owner, which was dead',
  reaper: 'a pass of the reaper',
  rm: 'qw-tmp rm',
  launcher: 'qw-exec',
};

const MAX_NAMES = 8;
