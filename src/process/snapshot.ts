// One pass over procfs for all sessions: who runs, whose TMPDIR lies in a session, who holds something there.
// Only processes of our uid are looked into. What cannot be read is marked, never guessed.
import { bootedAt, inTurns } from '../clock.js';
import { ownUid } from '../root/guard.js';
import { isDead, readStat } from './identity.js';
import { descentOf, inspect, type Look, type ProcessFacts } from './inspect.js';
import { listPids } from './list-pids.js';
import type { ProcessStat } from './process-stat.js';
import { seenSessions } from './session-mounts.js';
import { boundSockets } from './unix-sockets.js';
import { type Hold, prefixes, type Watch } from './watch.js';

export interface Snapshot {
  /** By pid; processes of other uids with their stat alone, so that ancestry can be followed through them. */
  processes: Map<number, ProcessFacts>;
  /** Sockets bound in a session by somebody who could not be read. */
  strays: Hold[];
  /**
   * Nobody came or went while we looked, and nobody was in the middle of an exec: a second look would find
   * the same. A process can fork, or change its environment by an exec, behind the back of a single look.
   */
  isSettled: boolean;
  /** ms since 1970; start times count from here. */
  bootedAt: number;
}

/** Where there is nothing that anybody might use. */
export const NO_LOOK: Snapshot = { processes: new Map(), strays: [], isSettled: true, bootedAt: 0 };

/**
 * Looks at all processes now, yielding to the event loop every few milliseconds. Empty without procfs. With
 * an `earlier` look only what is new since, or had to do with a session then, is looked into again.
 */
export const takeSnapshot = (watch: Watch, earlier?: Snapshot): Promise<Snapshot> =>
  inTurns(snapshotSteps(watch, earlier));

/**
 * Who descends from whom, in one go: for a moment that cannot wait. Nobody's descriptors, mappings or sockets
 * are read, and no TMPDIR of a process older than we are: it was not started in a session of ours.
 */
export function takeDescent(): Snapshot {
  const since = readStat(process.pid)?.startTime ?? 0;
  const uid = ownUid();
  const processes = new Map<number, ProcessFacts>();
  for (const pid of listPids()) {
    const stat = livingStat(pid);
    if (stat) processes.set(pid, descentOf(stat, since, uid));
  }
  return { ...NO_LOOK, processes, isSettled: false, bootedAt: bootedAt(since) };
}

/** At most one descriptor, mapping or socket a step. */
function* snapshotSteps(watch: Watch, earlier?: Snapshot): Generator<undefined, Snapshot> {
  const needles = prefixes(watch).map((prefix) => `${prefix}/`);
  const look: Look = {
    watch,
    needles,
    sockets: yield* boundSockets(watch),
    seen: seenSessions(watch),
    ownUid: ownUid(),
  };
  const processes = new Map<number, ProcessFacts>();
  const pids = listPids();
  for (const pid of pids) {
    const stat = livingStat(pid);
    if (stat) processes.set(pid, unchanged(stat, earlier) ?? (yield* inspect(stat, look)));
    yield;
  }
  const isSettled =
    String(listPids()) === String(pids) && ![...processes.values()].some(({ mayBeInExec }) => mayBeInExec);
  return {
    processes,
    strays: look.sockets.unclaimed(),
    isSettled,
    bootedAt: bootedAt(processes.get(process.pid)?.startTime),
  };
}

function livingStat(pid: number): ProcessStat | undefined {
  const stat = readStat(pid);
  return stat && !isDead(stat) ? stat : undefined;
}

/** The watched directories in which somebody has something open. */
export const heldDirs = ({ processes, strays }: Snapshot): Set<string> =>
  new Set([...strays, ...[...processes.values()].flatMap(({ holds }) => holds)].map(({ dir }) => dir));

/**
 * The facts of an earlier look: still the same program with the same parent, and it had nothing to do with a
 * session.
 */
function unchanged(stat: ProcessStat, earlier: Snapshot | undefined): ProcessFacts | undefined {
  const facts = earlier?.processes.get(stat.pid);
  const isSame =
    facts?.startTime === stat.startTime &&
    facts.comm === stat.comm &&
    facts.ppid === stat.ppid &&
    facts.session === stat.session;
  return isSame && facts.isUninvolved && !facts.mayBeInExec ? facts : undefined;
}
