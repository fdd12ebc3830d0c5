// The facts for an explanation, and its answer.
import type { Candidate } from '../judge/candidates.js';
import type { Receipt } from '../receipt/receipt.js';

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
