// One pass over procfs for all sessions: who runs, whose TMPDIR lies in a session, who holds something there.
// Only processes of our uid are read. What cannot be read is marked, never guessed.
import { bootedAt, inTurns } from '../clock.js';
import { ownUid } from '../root/trusted.js';
import { isDead, readStat } from './identity.js';
import { descentOf, inspect, type ProcessFacts } from './inspect.js';
import { listPids } from './list-pids.js';
import { loopHolds } from './loop-devices.js';
import { type Limits, type Meter, newMeter } from './meter.js';
import type { Look } from './open-files.js';
import type { ProcessStat } from './process-stat.js';
import { sessionMounts } from './session-mounts.js';
import { findHomes } from './socket-homes.js';
import { type ProcessTable, processTable, type Seen } from './table.js';
import { boundSockets, type Homeless } from './unix-sockets.js';
import type { Holds } from './watch.js';
import { prefixes, type Watch } from './watch.js';

/**
 * Looks at all processes now, yielding to the event loop every few milliseconds. Empty without procfs. With
 * an `earlier` look only what is new since, or had to do with a session then, is read again. A look that
 * takes too much is partial.
 */
export async function takeTable(watch: Watch, earlier?: Seen, limits?: Limits): Promise<ProcessTable> {
  const meter = newMeter(limits);
  const { homeless, ...seen } = await inTurns(tableSteps(watch, meter, earlier), meter.worked);
  for (const [pid, holds] of await findHomes(watch, homeless, meter)) withHolds(seen, pid, holds);
  return processTable(seen);
}

/**
 * Who descends from whom, in one go: for a moment that cannot wait. Nobody's descriptors, mappings or sockets
 * are read, and no TMPDIR of a process older than we are: it was not started in a session of ours.
 */
export function takeDescent(): ProcessTable {
  const steps = descentSteps();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return processTable(value);
  }
}

/** The same where there is time. */
export const takeDescentInTurns = async (): Promise<ProcessTable> =>
  processTable(await inTurns(descentSteps()));

function* descentSteps(): Generator<undefined, Seen> {
  const since = readStat(process.pid)?.startTime ?? 0;
  const uid = ownUid();
  const processes = new Map<number, ProcessFacts>();
  for (const pid of listPids()) {
    const stat = livingStat(pid);
    if (stat) processes.set(pid, descentOf(stat, since, uid));
    yield;
  }
  return { processes, strays: [], isSettled: false, bootedAt: bootedAt(since) };
}

/** At most one descriptor, mapping or socket a step. */
function* tableSteps(
  watch: Watch,
  meter: Meter,
  earlier?: Seen,
): Generator<undefined, Seen & { homeless: Homeless[] }> {
  const needles = prefixes(watch).map((prefix) => `${prefix}/`);
  const mounts = sessionMounts(watch);
  const look: Look = {
    watch,
    needles,
    sockets: yield* boundSockets(watch, meter),
    seen: mounts.seen,
    ownUid: ownUid(),
    meter,
  };
  meter.note('');
  const processes = new Map<number, ProcessFacts>();
  const pids = listPids();
  for (const pid of pids) {
    const stat = livingStat(pid);
    if (stat) processes.set(pid, unchanged(stat, earlier) ?? (yield* inspect(stat, look)));
    yield;
  }
  const strays = [...(yield* look.sockets.unclaimed()), ...mounts.strays(), ...loopHolds(watch)];
  const isPartial = meter.isSpent();
  const isSettled =
    !isPartial &&
    String(listPids()) === String(pids) &&
    ![...processes.values()].some(({ mayBeInExec }) => mayBeInExec);
  return {
    processes,
    strays,
    homeless: look.sockets.homeless(),
    isSettled,
    isPartial,
    slowest: isPartial ? meter.slowest() : undefined,
    bootedAt: bootedAt(processes.get(process.pid)?.startTime),
  };
}

/**
 * Such a process is read again by a later look, even with no holds: its socket may lie in what is watched
 * then.
 */
function withHolds({ processes }: Seen, pid: number, found: Holds): void {
  const facts = processes.get(pid);
  if (!facts) return;
  facts.holds = [...facts.holds, ...found.values()];
  facts.isUninvolved = false;
}

function livingStat(pid: number): ProcessStat | undefined {
  const stat = readStat(pid);
  return stat && !isDead(stat) ? stat : undefined;
}

/**
 * The facts of an earlier look: still the same program with the same parent, and it had nothing to do with a
 * session.
 */
function unchanged(stat: ProcessStat, earlier: Seen | undefined): ProcessFacts | undefined {
  const facts = earlier?.processes.get(stat.pid);
  const isSame =
    facts?.startTime === stat.startTime &&
    facts.comm === stat.comm &&
    facts.ppid === stat.ppid &&
    facts.session === stat.session;
  return isSame && facts.isUninvolved && !facts.mayBeInExec ? facts : undefined;
}
