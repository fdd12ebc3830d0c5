// What a process is to a session, and why: the reasons are the rows of the table in docs/processes.md.
import type { ProcessFacts } from '../process/inspect.js';
import type { Hold } from '../process/watch.js';

/** The rows of the table, in words. */
const WORDS = {
  agent: 'the agent',
  manager: 'runs commands for people',
  'below-manager': 'below %',
  guest: 'started by % for somebody else',
  keys: 'keeps keys',
  helper: 'serves whoever asks',
  'below-helper': 'below %',
  claude: 'works for %',
  display: 'its display is used by %',
  seen: 'an earlier look found that it belongs to the session',
  'below-agent': 'descends from the agent',
  namespace: 'in the mount namespace of the session',
  tmpdir: 'TMPDIR',
  'session-id': 'QW_SESSION',
  sid: 'in the session (setsid) of %',
  'below-member': 'child of %',
  'left-manager': 'has the TMPDIR, which a manager of the session gives to anybody',
  open: 'has something open there',
  unreadable: 'cannot be read, and somebody unseen has a socket there',
  'other-user': 'was started in the session, and became another user',
  'may-be': 'began while the session lived; nothing shows whose it is',
  refused: 'may not be signalled',
};

export type Reason = keyof typeof WORDS;

export interface Evidence {
  reason: Reason;
  /** Whom it is below, who leads its session, whom it serves. */
  of?: ProcessFacts | undefined;
}

/** Proofs that survive an exec. */
export const LASTING: ReadonlySet<Reason> = new Set(['agent', 'below-agent', 'namespace']);

/** Reasons that are remembered: the parents may end first. */
export const FOR_OTHERS: ReadonlySet<Reason> = new Set(['below-manager', 'guest', 'below-helper', 'claude']);

/** One process, and what made it what it is. */
export interface Occupant {
  facts: ProcessFacts;
  evidence: Evidence;
}

/** All for the same reason. */
export const asOccupants = (found: readonly ProcessFacts[], reason: Reason): Occupant[] =>
  found.map((facts) => ({ facts, evidence: { reason } }));

/** Who is in a session. */
export interface Occupants {
  /** Proven, to be ended. */
  members: Occupant[];
  /** Never ended; they keep the TMPDIR. */
  spared: Occupant[];
  /** Never ended; they do not keep it. */
  aside: Occupant[];
  /** Others who have something open there. */
  users: Occupant[];
  /** Processes of our uid that cannot be read and may have it. */
  unreadable: Occupant[];
  /** Open there, by somebody who cannot be seen. */
  strays: Hold[];
  /** See `Remembered`. */
  sids: ReadonlyMap<number, number>;
}

/** Nobody, or nobody who can be seen. */
export const NOBODY: Occupants = {
  members: [],
  spared: [],
  aside: [],
  users: [],
  unreadable: [],
  strays: [],
  sids: new Map(),
};

/** For people and for JSON. */
export const evidenceText = ({ reason, of }: Evidence): string =>
  WORDS[reason].replace('%', of ? `${of.comm} (${of.pid})` : 'one that is gone');

/** What it has open in one session. */
export const holdsIn = ({ holds }: Pick<ProcessFacts, 'holds'>, dir: string): Hold[] =>
  holds.filter((hold) => hold.dir === dir);
