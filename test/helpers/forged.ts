// Forged processes for the pure decision of who belongs to a session: no process runs, so each fact can be chosen.
import { bootedAt } from '#src/clock.js';
import { classify, type Question } from '#src/process/classify.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import type { Snapshot } from '#src/process/snapshot.js';
import type { Hold } from '#src/process/watch.js';

export const ROOT = '/tmp/qw-1000';
export const DIR = `${ROOT}/aaaaaaaa`;
/** The session's TMPDIR. */
export const T = `${DIR}/tmp`;
/** Agent and owner of the session asked about; whatever is called otherwise starts as a child of pid 1. */
export const AGENT = { pid: 100, startTime: 1_000 };
export const OWNER = 90;

/** A process that has nothing to do with the session, except as told. */
export const proc = (pid: number, facts: Partial<ProcessFacts> = {}): ProcessFacts => ({
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
  ...facts,
});

export const agent = (facts: Partial<ProcessFacts> = {}): ProcessFacts =>
  proc(AGENT.pid, { startTime: AGENT.startTime, ppid: OWNER, comm: 'agent', ...facts });

export const hold = (path = `${T}/file`, dir = DIR): Hold => ({ dir, what: 'file', path });

export const snapshotOf = (processes: readonly ProcessFacts[], strays: Hold[] = []): Snapshot => ({
  processes: new Map([proc(1), proc(OWNER), ...processes].map((facts) => [facts.pid, facts])),
  strays,
  isSettled: false,
  bootedAt: bootedAt(),
});

/** Pids by what they are to the session. */
export function sorted(
  processes: readonly ProcessFacts[],
  question: Partial<Question> = {},
  strays: Hold[] = [],
): { members: number[]; spared: number[]; holders: number[]; unreadable: number[] } {
  const occupants = classify(snapshotOf(processes, strays), {
    root: ROOT,
    dir: DIR,
    agent: AGENT,
    known: [],
    exempt: [OWNER],
    isSpared: () => false,
    isManager: () => true,
    isSuspect: () => false,
    ...question,
  });
  const pids = (list: readonly { pid: number }[]) => list.map(({ pid }) => pid).sort((a, b) => a - b);
  return {
    members: pids(occupants.members),
    spared: pids(occupants.spared),
    holders: pids(occupants.holders),
    unreadable: pids(occupants.unreadable),
  };
}

export const NOBODY = { members: [], spared: [], holders: [], unreadable: [] };
