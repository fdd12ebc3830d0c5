// How a session ended, as its owner reports it and as its receipt is written.
import { count, orNull, record, text } from '../checks.js';
import type { Pressure } from '../space/probe.js';
import type { Largest } from '../tree/largest.js';
import type { Release } from './release.js';

export interface EndReport extends Release {
  id: string;
  tmpdir: string;
  /** The file system was full at some time: commands may have failed without a word. */
  lastPressure?: Pressure;
  /** What took most of TMPDIR before anything was removed: at most three, largest first; see `measure`. */
  largest: Largest[];
  /** What its user should know or do now: a line each. */
  warnings?: string[];
}

/** How an agent ended, as Node's `exit` event says it. */
export interface AgentExit {
  code: number | null;
  signal: string | null;
}

export const isAgentExit = record({ code: orNull(count), signal: orNull(text) });
