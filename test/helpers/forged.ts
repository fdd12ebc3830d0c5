// Forged processes for the pure decision of who belongs to a session: no process runs, so each fact can be chosen.
import { classify } from '#src/belong/classify.js';
import type { Evidence } from '#src/belong/evidence.js';
import { NOTHING_REMEMBERED, type Question } from '#src/belong/question.js';
import { bootedAt } from '#src/clock.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import { type ProcessTable, processTable } from '#src/process/table.js';
import type { Variables } from '#src/process/variables.js';
import type { Hold } from '#src/process/watch.js';

export const ROOT = '/tmp/qw-1000';
export const DIR = `${ROOT}/aaaaaaaa`;
/** The session's TMPDIR. */
export const T = `${DIR}/tmp`;
export const ID = 'aaaaaaaa';
/** Agent and owner of the session asked about; whatever is called otherwise starts as a child of pid 1. */
export const AGENT = { pid: 100, startTime: 1_000 };
export const OWNER = 90;

export type Forged = Partial<ProcessFacts> & { [name in keyof Variables]?: Variables[name] | undefined };

/** A process that has nothing to do with the session, except as told. */
export const proc = (pid: number, more: Forged = {}): ProcessFacts => {
  const { tmpdir, sessionId, display, claudePid, isWhole = false, ...facts } = more;
  return {
    pid,
    comm: 'prog',
    args: ['prog'],
    state: 'S',
    ppid: 1,
    pgrp: pid,
    session: 50,
    tpgid: -1,
    startTime: pid * 10,
    readable: true,
    holds: [],
    variables: {
      isWhole,
      ...(tmpdir === undefined ? {} : { tmpdir }),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(display === undefined ? {} : { display }),
      ...(claudePid === undefined ? {} : { claudePid }),
    },
    ...facts,
  };
};

export const agent = (facts: Forged = {}): ProcessFacts =>
  proc(AGENT.pid, { startTime: AGENT.startTime, ppid: OWNER, comm: 'agent', ...facts });

export const hold = (path = `${T}/file`, dir = DIR): Hold => ({ dir, what: 'file', path });

export const tableOf = (processes: readonly ProcessFacts[], strays: Hold[] = []): ProcessTable =>
  processTable({
    processes: new Map([proc(1), proc(OWNER), ...processes].map((facts) => [facts.pid, facts])),
    strays,
    isSettled: false,
    bootedAt: bootedAt(),
  });

export const asked = (question: Partial<Question> = {}): Question => ({
  root: ROOT,
  dir: DIR,
  agent: AGENT,
  owner: OWNER,
  remembered: NOTHING_REMEMBERED,
  exempt: [],
  kindOf: () => undefined,
  beganInside: () => true,
  ...question,
});

export interface Sorted {
  members: number[];
  spared: number[];
  aside: number[];
  users: number[];
  unreadable: number[];
}

/** Pids by what they are to the session. */
export function sorted(
  processes: readonly ProcessFacts[],
  question: Partial<Question> = {},
  strays: Hold[] = [],
): Sorted {
  const found = classify(tableOf(processes, strays), asked(question));
  const pids = (list: readonly { facts: { pid: number } }[]) =>
    list.map(({ facts: { pid } }) => pid).sort((a, b) => a - b);
  return {
    members: pids(found.members),
    spared: pids(found.spared),
    aside: pids(found.aside),
    users: [...found.strays.map(() => 0), ...pids(found.users)],
    unreadable: pids(found.unreadable),
  };
}

export const NOBODY: Sorted = { members: [], spared: [], aside: [], users: [], unreadable: [] };

/** What one process is, and why; undefined where it is nothing to the session. */
export function verdictOn(
  pid: number,
  processes: readonly ProcessFacts[],
  question: Partial<Question> = {},
  strays: Hold[] = [],
): [role: keyof Sorted, reason: Evidence['reason']] | undefined {
  const found = classify(tableOf(processes, strays), asked(question));
  for (const role of ['members', 'spared', 'aside', 'users', 'unreadable'] as const)
    for (const { facts, evidence } of found[role]) if (facts.pid === pid) return [role, evidence.reason];
  return undefined;
}
