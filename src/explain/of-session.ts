// A session: as it is now, and what became of it. Pure.
import type { Lease } from '../lease/lease.js';
import { commandText, quote } from '../options.js';
import { isSession, type SessionReceipt } from '../receipt/receipt.js';
import { BY, outcomeText, repositoryText, workText } from '../receipt/words.js';
import type { Explanation, Known, SeenSession } from './explanation.js';
import { fateText } from './fate.js';

export function ofSession(about: string, id: string, { sessions, receipts, roots }: Known): Explanation {
  const session = sessions.find((one) => one.id === id);
  const own = receipts.filter(isSession).filter((one) => one.id === id);
  const isOurs = session !== undefined || own.length > 0;
  const text = [
    ...(session ? nowText(session) : own.length > 0 ? [goneText(id, own)] : []),
    ...historyText(own),
    ...(isOurs ? [] : [nobody(id, roots)]),
  ];
  const { state = null, reason = null } = session ?? {};
  return { version: 1, about, kind: 'session', isOurs, id: isOurs ? id : null, state, reason, text };
}

const nobody = (id: string, roots: readonly string[]): string =>
  `not ours: no session ${id} is in ${roots.join(', ') || 'any managed root'}, and there is no ` +
  `receipt of one`;

/** Whose it is, why it is there, when it goes. */
function nowText(session: SeenSession): string[] {
  const { id, state, reason, remaining, found, work, dir } = session;
  const lease = found.kind === 'good' ? found.lease : undefined;
  const { why, when } = fateText({
    id,
    state,
    reason,
    remaining,
    owner: lease?.owner.pid,
    work: work[0] && workText(work[0]),
  });
  return [`session ${id}${whose(lease)}, in ${dir}`, `${state}: ${why}`, `goes: ${when}`];
}

function whose(lease: Pick<Lease, 'label' | 'command' | 'createdAt'> | undefined): string {
  if (!lease) return '';
  const { label, command, createdAt } = lease;
  const name = label === undefined ? '' : ` ${quote(label)}`;
  return `${name}${command.length > 0 ? ` of ${commandText(command)}` : ''}, opened ${createdAt}`;
}

function goneText(id: string, own: readonly SessionReceipt[]): string {
  const { by, label, command = [], openedAt, root } = own.at(-1) as SessionReceipt;
  const where = by === 'launcher' ? 'it was never opened' : `it is not in ${root} any more`;
  const opened = openedAt === undefined ? '' : `, opened ${openedAt}`;
  const of = command.length > 0 ? ` of ${commandText(command)}` : '';
  return `session ${id}${label === undefined ? '' : ` ${quote(label)}`}${of}${opened}: ${where}`;
}

/** What the receipts say, oldest first. */
export const historyText = (receipts: readonly SessionReceipt[]): string[] =>
  receipts.slice(-MOST).flatMap((receipt) => {
    const { at, by, work, repositories = [], state } = receipt;
    const went = [...(state === 'kept' ? [] : work.map(workText)), ...repositories.map(repositoryText)];
    const who = by === 'launcher' ? '' : `, by ${BY[by]}`;
    return [`${at}: ${outcomeText(receipt)}${who}`, ...went.map((text) => `${at}: with ${text}`)];
  });

const MOST = 10;
