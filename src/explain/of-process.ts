// A process: which session it belongs to or uses, and by what evidence. Pure.
import type { EndedProcess } from '../end/end-members.js';
import type { Remaining } from '../end/remaining.js';
import type { Candidate } from '../judge/candidates.js';
import type { Lease } from '../lease/lease.js';
import { isSession, type SessionReceipt } from '../receipt/receipt.js';
import { portsText } from '../receipt/words.js';
import type { Explanation, Known } from './of-session.js';

export function ofProcess(pid: number, { sessions, receipts }: Known): Explanation {
  const now = sessions.flatMap((session) => inSession(pid, session));
  const before = receipts.filter(isSession).flatMap((receipt) => inReceipt(pid, receipt));
  const isOurs = now.length + before.length > 0;
  const { id = before.at(-1)?.id ?? null, state = null, reason = null } = now[0]?.session ?? {};
  const text = [
    ...now.map((one) => one.text),
    ...(now.length === 0 ? [`not ours: nothing connects process ${pid} with a session that is there`] : []),
    ...(before.length > 0 ? ['numbers of processes are used again; the receipts know of this one:'] : []),
    ...before.slice(-MOST).map((one) => one.text),
  ];
  return { version: 1, about: String(pid), kind: 'process', isOurs, id, state, reason, text };
}

function inSession(pid: number, session: Candidate): { session: Candidate; text: string }[] {
  const { id, remaining, state } = session;
  const { lease } = session.found;
  const owner =
    state === 'live' && lease?.owner.pid === pid
      ? [`process ${pid} is the owner of session ${id}: it opened it, and ${whatEnds(lease)}`]
      : [];
  const users = remaining.filter((one) => one.pid === pid).map((one) => remainingText(id, one));
  return [...owner, ...users].map((text) => ({ session, text }));
}

/** In exec mode an agent is its own owner. */
const whatEnds = ({ agent, owner }: Lease): string =>
  agent?.pid === owner.pid ? 'became its agent' : 'ends it';

function remainingText(id: string, { pid, name, why, evidence, holds }: Remaining): string {
  const has = holds.length > 0 ? `; it has open there: ${holds.slice(0, MOST_HOLDS).join(', ')}` : '';
  return `process ${pid} (${name}) ${WHY[why]} session ${id}: ${evidence}${has}`;
}

function inReceipt(pid: number, receipt: SessionReceipt): { id: string; text: string }[] {
  const { id, at, agent, owner } = receipt;
  const was = agent === pid ? 'the agent' : owner === pid ? 'the owner' : undefined;
  const named = was === undefined ? [] : [{ id, text: `${at}: process ${pid} was ${was} of session ${id}` }];
  const listed = (words: string, those: readonly EndedProcess[]) =>
    those
      .filter((one) => one.pid === pid)
      .map((one) => ({
        id,
        text: `${at}: ${one.name} (${pid}) ${words} session ${id}: ${one.evidence}${portsText(one)}`,
      }));
  return [
    ...named,
    ...listed('was ended with', receipt.ended),
    ...listed('was there at the end of', receipt.left),
    ...listed('lived on beside', receipt.runsOn),
  ];
}

const WHY: Record<Remaining['why'], string> = {
  member: 'belongs to',
  spared: 'belongs to others as well, and is never ended with',
  holder: 'only uses',
  unreadable: 'cannot be read, and may belong to',
};
const MOST = 10;
const MOST_HOLDS = 3;
