// Why a session is still there, and when it goes: a row of the reaper's table in words a person can act on.
// Pure; the table is docs/reaper.md.
import type { Remaining } from '../end/remaining.js';
import type { SessionState } from '../judge/judge.js';
import { namesOf } from '../receipt/words.js';

export interface FateFacts {
  id: string;
  state: SessionState;
  reason: string;
  owner: number | undefined;
  remaining: readonly Remaining[];
  /** A worktree that stays. */
  work: string | undefined;
}

export interface FateText {
  why: string;
  when: string;
}

export function fateText(facts: FateFacts): FateText {
  const { state, reason } = facts;
  return (ROWS[`${state} ${reason}`] ?? ROWS[state])(facts);
}

const LATER = 'the watchdog of its owner, or the next pass of a reaper, removes it then';
const BY_AGE =
  'when its lease and its files are older than 72 hours (QW_MAX_AGE) and nobody uses it: the next pass ' +
  'of a reaper removes it then';
const whoEnds = ({ remaining, id }: FateFacts): FateText => {
  const areAny = remaining.length === 0 || remaining.some(({ why }) => why === 'member');
  const now = `; now: qw-tmp rm --force ${id}, which ends those that belong to it`;
  return {
    why: `its owner is dead, and it is in use by ${usersOf(remaining) || 'its agent'}`,
    when: `when they have ended: ${LATER}${areAny ? now : ''}`,
  };
};

const usersOf = (remaining: readonly Remaining[]): string => {
  const evidence = remaining.slice(0, MAX_EVIDENCE).map((one) => `${one.name}: ${one.evidence}`);
  return remaining.length === 0 ? '' : `${namesOf(remaining)} (${[...new Set(evidence)].join('; ')})`;
};

type Row = (facts: FateFacts) => FateText;

/** Of a state, and of a reason for it that has words of its own. */
const ROWS: Record<SessionState, Row> & Record<string, Row | undefined> = {
  'live ending': ({ owner }) => ({
    why: `its owner, process ${owner ?? '?'}, is ending it`,
    when: 'now: as soon as its processes have ended',
  }),
  'live agent-gone': ({ owner, id }) => ({
    why: `its owner, process ${owner ?? '?'}, lives and has not ended it, although its agent is gone`,
    when: `when that process ends it or dies; now: qw-tmp rm --force ${id}`,
  }),
  live: ({ owner }) => ({
    why: `its owner, process ${owner ?? '?'}, lives`,
    when: 'when its agent ends, or its owner dies: who owns it ends it, or the watchdog',
  }),
  held: whoEnds,
  'kept worktree': ({ work, id }) => ({
    why: `there is work in it: ${work ?? 'a git worktree'}`,
    when: `when git has removed the worktree; now, with the work: qw-tmp rm ${id}`,
  }),
  'kept kept-in-part': ({ id }) => ({
    why: 'it was to be kept (--keep), but not all of it could be: its lease.json says why',
    when: `never by itself: qw-tmp rm ${id}`,
  }),
  kept: ({ id }) => ({ why: 'it was to be kept (--keep)', when: `never by itself: qw-tmp rm ${id}` }),
  orphan: ({ id }) => ({
    why: 'nobody owns or uses it, and no reaper has passed since',
    when:
      `with the next pass of a reaper, at the latest ten minutes after the last one when a qw-run ` +
      `starts; now: qw-tmp rm ${id}`,
  }),
  'foreign lock-held': () => ({
    why: 'qw-tmp cannot see from here whether its owner lives, but its watchdog does: it holds its lock',
    when: 'when its owner ends it, or its watchdog',
  }),
  foreign: () => ({
    why:
      'qw-tmp cannot see from here whether its owner lives: it is in another container, on another ' +
      'machine, or hidden',
    when: BY_AGE,
  }),
  'unknown processes-unseen': () => ({
    why: 'qw-tmp cannot see who uses it: processes are hidden here',
    when: BY_AGE,
  }),
  unknown: ({ reason }) => ({
    why:
      `qw-tmp cannot tell whose it is: it has ` +
      `${reason === 'no-lease' ? 'no lease' : 'a lease that cannot be read'}`,
    when: BY_AGE,
  }),
};

const MAX_EVIDENCE = 3;
