// Unreadable is not nobody, and not everybody. ssh-agent, gpg-agent and a browser's sandboxed children forbid
// even their own user to look (prctl(2), PR_SET_DUMPABLE). One of them may hold a session only if it began
// while the session lived.
import { TICKS_PER_SECOND } from '../clock.js';
import type { ProcessFacts } from './inspect.js';
import { ageIn, type SessionClock, WALL_CLOCK } from './session-clock.js';
import type { Snapshot } from './snapshot.js';

export interface SuspectWindow {
  /** When the session was opened, ms since 1970. */
  createdAt: number;
  /** When its owner or agent was last seen alive. */
  lastSeenAt: number;
  now: number;
  maxAgeMs: number;
  /** When this machine booted; `startTime` counts ticks from here. */
  bootedAt: number;
  /** Of the session: the times above may be of before and after the clock was set. */
  clock?: SessionClock | undefined;
  /**
   * The living owner. Orphans are handed to pid 1 or to a subreaper, and that is one of the owner's
   * ancestors.
   */
  owner?: number | undefined;
  /** We are the owner: whoever is in a user namespace above ours was not started in our session. */
  isOurs?: boolean;
}

/** Decides whether an unreadable process may hold something of a session. */
export function suspects(snapshot: Snapshot, window: SuspectWindow): (facts: ProcessFacts) => boolean {
  const reapers = window.owner === undefined ? undefined : ancestors(snapshot, window.owner);
  return (facts) =>
    startedInside(facts, window) &&
    !(window.isOurs && facts.isAbove) &&
    !(reapers && comesFromElsewhere(facts, snapshot, reapers));
}

function startedInside({ startTime }: ProcessFacts, window: SuspectWindow): boolean {
  const { createdAt, lastSeenAt, clock = WALL_CLOCK } = window;
  if (ageIn(clock, window.now - lastSeenAt) > window.maxAgeMs) return false;
  const startedAt = window.bootedAt + (startTime * 1_000) / TICKS_PER_SECOND; // by today's clock
  const [earliest, latest] = [startedAt - Math.max(0, clock.setMs), startedAt - Math.min(0, clock.setMs)];
  return latest > createdAt - SLACK_MS && earliest < lastSeenAt + SLACK_MS;
}

/**
 * Its parent is alive, readable and adopts nobody: so that one forked it, and it is no member (whoever
 * descends from a member is not asked about here). A browser opened during the session is ruled out like
 * this.
 */
function comesFromElsewhere(facts: ProcessFacts, snapshot: Snapshot, reapers: ReadonlySet<number>): boolean {
  const seen = new Set<number>(); // a pid reused during the look may close a circle
  for (let at = facts; !seen.has(at.pid); ) {
    seen.add(at.pid);
    const parent = snapshot.processes.get(at.ppid);
    if (!parent || parent.pid === 1 || reapers.has(parent.pid)) return false;
    if (parent.readable) return true;
    at = parent;
  }
  return false;
}

function ancestors(snapshot: Snapshot, pid: number): Set<number> {
  const found = new Set<number>();
  for (let at = snapshot.processes.get(pid); at && !found.has(at.pid); at = snapshot.processes.get(at.ppid))
    found.add(at.pid);
  return found;
}

const SLACK_MS = 1_000; // createdAt and ticks come from different clocks
