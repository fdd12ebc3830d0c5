// The facts for an explanation, and its answer.
import type { Candidate } from '../reap/candidates.js';
import type { Receipt } from '../receipt/receipt.js';
import type { KeptWork } from '../work/kept-work.js';

/** All that is known. */
export interface Known {
  roots: readonly string[];
  sessions: readonly SeenSession[];
  receipts: readonly Receipt[];
}

/** A session that is there. */
export interface SeenSession
  extends Pick<Candidate, 'id' | 'root' | 'dir' | 'state' | 'reason' | 'remaining' | 'found'> {
  work: KeptWork[];
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
