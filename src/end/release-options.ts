// What the end of a session starts from.
import type { Lease } from '../lease/lease.js';
import type { WorkChoice } from '../options.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { SessionClock } from '../process/session-clock.js';
import type { Failure } from '../remove/failure.js';

export interface ReleaseOptions {
  root: string;
  /** Session directory. */
  dir: string;
  lease: Lease;
  /**
   * The agent, where its identity is known otherwise than from the lease: the agent itself can write that.
   */
  agent?: ProcessIdentity | undefined;
  /** The owner, where it is alive. */
  owner?: number | undefined;
  /** A process of ours in the session's namespace: no member. */
  exempt?: number | undefined;
  /** Brings to disk what is to be kept and is not there. */
  copyOut?: (() => Promise<Failure[]>) | undefined;
  /** Where we see what of its TMPDIR is in memory. */
  contents?: string | undefined;
  /** Members found earlier. */
  known?: readonly ProcessIdentity[];
  graceMs: number;
  /** Further names to spare. */
  spare: readonly string[];
  maxAgeMs: number;
  /** When owner or agent was last seen alive, ms since 1970. */
  lastSeenAt: number;
  /** How far the clock was set since it was opened, where that is known. */
  clock?: SessionClock | undefined;
  keep?: boolean;
  /** `remove`: work in it counts for nothing. */
  work?: WorkChoice | undefined;
  /** Takes over what was moved into the trash, so that nobody waits for its removal. */
  handOver?: ((root: string, trashed: string) => void) | undefined;
  hurry?: AbortSignal | undefined;
}
