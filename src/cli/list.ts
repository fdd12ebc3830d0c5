// qw-tmp list: a table for people, or the library's answer as JSON.
import { QwRunError } from '../errors.js';
import { printable } from '../options.js';
import { listNow, resolveList, type SessionList } from '../reap/list-sessions.js';
import type { CommandInput } from './command.js';
import { EXIT } from './exit-codes.js';
import { formatAge, formatBytes, table, toJson } from './format.js';
import { describeKept } from './kept-work.js';
import { say, write } from './say.js';
import { wayOut } from './way-out.js';

export async function list({ ids, root, isJson }: CommandInput): Promise<number> {
  if (ids.length > 0) throw new QwRunError('ERR_QW_USAGE', `list takes no names: ${ids[0]}`);
  const found = await listNow(resolveList({ root }));
  write(1, isJson ? toJson(found) : describe(found));
  for (const { path, reason, hint } of isJson ? [] : found.unseen)
    say(`not listed: ${path}: ${reason}${wayOut(hint)}`, 'qw-tmp');
  return found.unseen.length > 0 ? EXIT.fellShort : 0;
}

function describe({ roots, sessions, headroom }: SessionList): string {
  if (roots.length === 0) return 'no sessions: no managed root has been made yet\n';
  if (sessions.length === 0) return `no sessions in ${roots.join(', ')}\n`;
  const rows = sessions.map(({ state, id, label, createdAt, bytes, growthPerMinute, command }) => [
    state,
    id,
    printable(label ?? ''),
    createdAt === null ? '?' : formatAge(Date.now() - Date.parse(createdAt)),
    formatBytes(bytes),
    growthPerMinute === null ? '' : formatBytes(growthPerMinute),
    printable(command.join(' ')),
  ]);
  const text = table([['STATE', 'ID', 'LABEL', 'AGE', 'SIZE', 'PER MIN', 'COMMAND'], ...rows], {
    width: process.stdout.columns ?? Infinity,
    rightAligned: [3, 4, 5],
  });
  const notes = [...sessions.flatMap(note), ...totalWork(sessions), ...headroom.map(describeRoom)];
  return `${text}\n${notes.join('\n')}\n`;
}

/** What stays for the work in it, in all. */
function totalWork(sessions: SessionList['sessions']): string[] {
  const kept = sessions.filter(({ work }) => work.length > 0);
  const pieces = kept.reduce((sum, { work }) => sum + work.length, 0);
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  return pieces > 1 ? [`${pieces} worktrees and repositories kept, ${formatBytes(bytes)}`] : [];
}

function describeRoom({
  root,
  bytesFree,
  bytesTotal,
  inodesFree,
  inodesTotal,
}: SessionList['headroom'][number]): string {
  const inodes = inodesTotal > 0 ? `, ${percent(inodesFree, inodesTotal)} of the inodes` : '';
  const share = `${formatBytes(bytesFree)} of ${formatBytes(bytesTotal)} free (${percent(bytesFree, bytesTotal)})`;
  return `${printable(root)}: ${share}${inodes}`;
}

const percent = (part: number, whole: number): string => `${Math.floor((100 * part) / (whole || 1))} %`;

/** Why a session is still there, where its state does not say it. */
function note({ id, state, reason, holders, work }: SessionList['sessions'][number]): string[] {
  const who = holders
    .slice(0, 5)
    .map(({ pid, name, why }) => `${printable(name)} (${pid || 'pid unknown'}, ${why})`);
  if (work.length > 0) return describeKept(id, work).map(printable);
  if (state === 'held') return [`${id} is held by ${who.join(', ') || 'its agent'}`];
  if (reason === 'kept-in-part') return [`${id}: not all of it could be kept; its lease.json says why`];
  if (state === 'live' && reason === 'agent-gone')
    return [`${id}: its agent is gone, its owner has not ended it`];
  return [];
}
