// What is needed to find who is in a session, and to end it.
import type { Lease } from '../lease/lease.js';
import type { WorkOnRoad } from '../options.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { SessionClock } from '../process/session-clock.js';
import type { Failure } from '../remove/failure.js';
import type { Memory } from './memory.js';

/** A session whose processes are looked for. */
export interface Subject {
  root: string;
  /** Session directory. */
  dir: string;
  lease: Lease;
  /** The agent, where its identity is known otherwise than from the lease: the agent can write that. */
  agent?: ProcessIdentity | undefined;
  /** The owner, where it is alive. */
  owner?: number | undefined;
  /** The keeper of its namespace, a process of ours: no member. */
  keeper?: number | undefined;
  /** What earlier looks found; this one adds to it. */
  memory?: Memory | undefined;
  /** Where programs of the session's own lie, besides its TMPDIR. */
  ownPlaces?: readonly string[] | undefined;
  /** Further names to spare. */
  spare: readonly string[];
  maxAgeMs: number;
  /** When owner or agent was last seen alive, ms since 1970. */
  lastSeenAt: number;
  clock: SessionClock;
}

export interface ReleaseOptions extends Subject {
  /** Between SIGTERM and SIGKILL, in ms; by default that of a session. */
  graceMs?: number | undefined;
  hurry?: AbortSignal | undefined;
  keep?: boolean;
  /** `remove`: work in it counts for nothing; `tell`: it goes, too, and is named. */
  work?: WorkOnRoad | undefined;
  /** A path to its TMPDIR in memory. */
  contents?: string | undefined;
  /** Copies what is to be kept from memory to disk. */
  copyOut?: (() => Promise<Failure[]>) | undefined;
  /** Takes over the removal of what was moved into the trash of `root`, so that nobody waits. */
  handOver?: ((root: string) => void) | undefined;
}
