// What a storm counts, and what of it has to be zero.
import { KINDS, type Kind } from './kinds.js';

export interface Tally {
  sessionsStarted: number;
  wrappersKilled: number;
  /** Ended by SIGTERM while their agent lived. */
  wrappersAsked: number;
  /** Sessions with a lease that names a living process of somebody else by a wrong start time. */
  leasesForged: number;
  reaps: number;
  /** Sessions removed by the reapers; the rest went with their wrapper or watchdog. */
  reaped: number;
  agentsStarted: number;
  filesVerified: number;
  /** Files of living agents, and of those for whom a TMPDIR has to stay. */
  filesLost: number;
  /** Agents that ended without a word. */
  processesLost: number;
  /** Programs that no session started. */
  strangersEnded: number;
  guestsEnded: number;
  /** Managers, and what runs below them for people. */
  managersEnded: number;
  helpersEnded: number;
  /** Processes of sessions, provably so, that outlived them. */
  privateLeft: number;
  /** What a reaper could not do, and sessions that two of them removed. */
  reapersFailed: number;
  /** Made by a wrapper that was killed before its lease: by contract they go at max age, and a pass 80 h later proved it. */
  directoriesWithoutLease: number;
  directoriesLeft: number;
  /** Sessions of which the log tells once that they were removed; those whose wrapper was killed before that line. */
  accounted: number;
  killedOverIt: number;
  /** Those of which it does not tell, or twice. */
  unaccounted: number;
  toldTwice: number;
  /** Kinds of company whose fate was never seen: nothing is shown of them. */
  kindsUnseen: number;
  /** Whose fate was seen, after their session's end. */
  kinds: Record<Kind, number>;
  /** What was lost, failed or left, in words. */
  complaints: string[];
}

export const FAULTS = [
  'filesLost',
  'processesLost',
  'strangersEnded',
  'guestsEnded',
  'managersEnded',
  'helpersEnded',
  'privateLeft',
  'reapersFailed',
  'directoriesLeft',
  'unaccounted',
  'toldTwice',
  'kindsUnseen',
] as const;

export type Counter = (typeof FAULTS)[number];

/** What must have happened, or the zeros show nothing. */
export const PROOFS = [
  'wrappersKilled',
  'wrappersAsked',
  'leasesForged',
  'reaps',
  'reaped',
  'agentsStarted',
  'filesVerified',
  'accounted',
] as const;

export function complain(tally: Tally, what: Counter, text: string): void {
  tally[what] += 1;
  tally.complaints.push(text);
}

export function complainOfUnseen(tally: Tally): void {
  for (const kind of KINDS)
    if (tally.kinds[kind] === 0)
      complain(tally, 'kindsUnseen', `no ${kind} was seen after its session's end`);
}

export const emptyTally = (): Tally => ({
  sessionsStarted: 0,
  wrappersKilled: 0,
  wrappersAsked: 0,
  leasesForged: 0,
  reaps: 0,
  reaped: 0,
  agentsStarted: 0,
  filesVerified: 0,
  filesLost: 0,
  processesLost: 0,
  strangersEnded: 0,
  guestsEnded: 0,
  managersEnded: 0,
  helpersEnded: 0,
  privateLeft: 0,
  reapersFailed: 0,
  directoriesWithoutLease: 0,
  directoriesLeft: 0,
  accounted: 0,
  killedOverIt: 0,
  unaccounted: 0,
  toldTwice: 0,
  kindsUnseen: 0,
  kinds: Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>,
  complaints: [],
});
