// The list for people: a row for each session, then what needs a word. Pure.

import type { SessionState } from '../judge/judge.js';
import { oneOf } from '../nearest.js';
import { commandText, printable } from '../quote.js';
import type { SessionInfo, SessionList } from '../reap/list-sessions.js';
import { namesOf } from '../receipt/words.js';
import { formatBytes, formatSince, formatTime, sumBytes, table } from './format.js';
import { describeKept } from './kept-work.js';

interface ListPage {
  /** Columns of the terminal. */
  width: number;
  /** With TMPDIR. */
  isWide: boolean;
  /** Only these were asked for. */
  states?: readonly SessionState[] | undefined;
}

export function describeList({ roots, sessions, headroom }: SessionList, page: ListPage): string {
  const what = page.states === undefined ? 'sessions' : `${oneOf(page.states)} sessions`;
  if (roots.length === 0) return `no ${what}: no managed root has been made yet\n`;
  if (sessions.length === 0) return `no ${what} in ${roots.map(printable).join(', ')}\n`;
  const notes = [...sessions.flatMap(note), ...totalWork(sessions), ...headroom.map(describeRoom)];
  return `${sessionTable(sessions, page)}\n${notes.join('\n')}\n`;
}

/** A row each. `grown`, by id, in the last minute: then with a sign, and with how many processes. */
export function sessionTable(
  sessions: readonly SessionInfo[],
  { width, isWide, grown }: Pick<ListPage, 'width' | 'isWide'> & { grown?: ReadonlyMap<string, number> },
): string {
  const wide = (cell: string) => (isWide ? [cell] : []);
  const watched = (cell: string) => (grown ? [cell] : []);
  const rows = sessions.map((session) => [
    session.state,
    session.id,
    session.label ?? '',
    session.createdAt === null ? '?' : formatSince(session.createdAt),
    formatBytes(session.bytes),
    grown ? signed(grown.get(session.id)) : unsigned(session.growthPerMinute),
    ...watched(String(session.holders.length)),
    ...wide(session.tmpdir),
    commandText(session.command),
  ]);
  const first = ['STATE', 'ID', 'LABEL', 'AGE', 'SIZE', 'PER MIN'];
  const head = [...first, ...watched('PROCS'), ...wide('TMPDIR'), 'COMMAND'];
  return table([head, ...rows], { width, rightAligned: [3, 4, 5, ...(grown ? [6] : [])] });
}

const unsigned = (bytes: number | null): string => (bytes === null ? '' : formatBytes(bytes));

const signed = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `${bytes < 0 ? '-' : bytes > 0 ? '+' : ''}${formatBytes(Math.abs(bytes))}`;

/** What happened to sessions when nobody was there to be told. */
export function describeLately({ lately }: SessionList): string {
  const shown = lately.slice(-MOST_LATELY).map(({ at, by, id, text }) => {
    // Every process of our uid can write to the log.
    return `  ${formatTime(at)}  ${id}  ${printable(text)}  [${printable(by)}]\n`;
  });
  return shown.length > 0
    ? `\nlately, in sessions that their owner did not end (qw-tmp log):\n${shown.join('')}`
    : '';
}

const MOST_LATELY = 5;

/** How much stays, in all, because there is work in it. */
function totalWork(sessions: readonly SessionInfo[]): string[] {
  const kept = sessions.filter(({ work }) => work.length > 0);
  const pieces = kept.flatMap(({ work }) => work).length;
  return pieces > 1 ? [`${pieces} worktrees and repositories kept, ${formatBytes(sumBytes(kept))}`] : [];
}

/** As df(1) has it: what is free for us, and how much of what we may use is used, rounded up. */
export function describeRoom(room: SessionList['headroom'][number]): string {
  const { root, bytesFree, bytesUsed, bytesTotal, inodesFree, inodesTotal } = room;
  const used = percentUsed(bytesUsed, bytesUsed + bytesFree);
  const inodes =
    inodesTotal > 0 ? `, ${percentUsed(inodesTotal - inodesFree, inodesTotal)} of the inodes` : '';
  const free = `${formatBytes(bytesFree)} of ${formatBytes(bytesTotal)} free`;
  return `${printable(root)}: ${free}, ${used} used${inodes}`;
}

const percentUsed = (part: number, whole: number): string => `${Math.ceil((100 * part) / (whole || 1))}%`;

/** Why a session is still there, where its state does not say it. */
function note({ id, state, reason, holders, work }: SessionInfo): string[] {
  const users = printable(namesOf(holders, undefined, ({ why }) => why));
  if (work.length > 0) return describeKept(id, work).map(printable);
  if (state === 'held') return [`${id} is held by ${users || 'its agent'}`];
  if (reason === 'kept-in-part') return [`${id}: not all of it could be kept; its lease.json says why`];
  if (state === 'live' && reason === 'agent-gone')
    return [`${id}: its agent is gone, its owner has not ended it`];
  return [];
}
