// What an explanation says of a session: as it is now, and what became of it. Pure.
import type { Candidate } from '../judge/candidates.js';
import { commandText, quote } from '../quote.js';
import { isSession, type Receipt, type SessionReceipt } from '../receipt/receipt.js';
import { BY, outcomeText, repositoryText, workText } from '../receipt/words.js';
import { asKeptWork } from '../work/kept-work.js';
import { fateText } from './fate.js';

/** All that is known. */
export interface Known {
  roots: readonly string[];
  /** Those that are there. */
  sessions: readonly Candidate[];
  receipts: readonly Receipt[];
}

export interface Explanation {
  version: 1;
  about: string;
  kind: 'session' | 'process' | 'path';
  /** It is of a session, or was. */
  isOurs: boolean;
  /** Which one. */
  id: string | null;
  /** Of one that is there. */
  state: string | null;
  reason: string | null;
  /** For people. */
  text: string[];
}

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
function nowText(session: Candidate): string[] {
  const { id, state, reason, remaining, dir } = session;
  const { lease } = session.found;
  const work = session.work[0] && workText(asKeptWork(session.work[0]));
  const { why, when } = fateText({ id, state, reason, remaining, owner: lease?.owner.pid, work });
  const opened = whose({ ...lease, openedAt: lease?.createdAt });
  return [`session ${id}${opened}, in ${dir}`, `${state}: ${why}`, `goes: ${when}`];
}

function goneText(id: string, own: readonly SessionReceipt[]): string {
  const last = own.at(-1) as SessionReceipt;
  const where = last.by === 'launcher' ? 'it was never opened' : `it is not in ${last.root} any more`;
  return `session ${id}${whose(last)}: ${where}`;
}

interface Opened {
  label?: string | undefined;
  command?: readonly string[] | undefined;
  openedAt?: string | undefined;
}

function whose({ label, command = [], openedAt }: Opened): string {
  const name = label === undefined ? '' : ` ${quote(label)}`;
  const of = command.length > 0 ? ` of ${commandText(command)}` : '';
  return `${name}${of}${openedAt === undefined ? '' : `, opened ${openedAt}`}`;
}

/** What the receipts say, oldest first. */
const historyText = (receipts: readonly SessionReceipt[]): string[] =>
  receipts.slice(-MOST).flatMap((receipt) => {
    const { at, by, work, repositories = [], state } = receipt;
    const went = [...(state === 'kept' ? [] : work.map(workText)), ...repositories.map(repositoryText)];
    const who = by === 'launcher' ? '' : `, by ${BY[by]}`;
    return [`${at}: ${outcomeText(receipt)}${who}`, ...went.map((text) => `${at}: with ${text}`)];
  });

const MOST = 10;
