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
import { type Holds, prefixes, type Watch } from './watch.js';

/**
 * Looks at all processes, yielding to the event loop. Empty without procfs; partial where it would take too
 * much. After an `earlier` look it reads only who is new since, or had to do with a session then.
 */
export async function takeTable(watch: Watch, earlier?: Seen, limits?: Limits): Promise<ProcessTable> {
  const meter = newMeter(limits);
  const { homeless, ...seen } = await inTurns(tableSteps(watch, meter, earlier), meter.worked);
  for (const [pid, holds] of await findHomes(watch, homeless, meter)) withHolds(seen, pid, holds);
  return processTable(seen);
}

/**
 * Who descends from whom, in one go: for a moment that cannot wait. Nothing that processes have open is read,
 * and no variables of those older than we are: they were not started in a session of ours.
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
  const earlier = withVariables;
  const processes = new Map<number, ProcessFacts>();
  for (const pid of listPids()) {
    const stat = readStat(pid);
    if (stat && !isDead(stat)) processes.set(pid, descentOf(stat, since, uid, earlier.get(pid)));
    yield;
  }
  // None of ours at all: perhaps it was read in the middle of an exec.
  withVariables = new Map(
    [...processes].filter(([, { variables: v }]) => v?.isWhole || v?.sessionId || v?.tmpdir),
  );
  return { processes, strays: [], isSettled: false, bootedAt: bootedAt(since) };
}

/** Of the last look at descent: of hundreds of agents that is most of the work, and each end looks. */
let withVariables: ReadonlyMap<number, ProcessFacts> = new Map();

/** At most one descriptor, mapping or socket a step. */
function* tableSteps(
  watch: Watch,
  meter: Meter,
  earlier?: Seen,
): Generator<undefined, Seen & { homeless: readonly Homeless[] }> {
  const needles = prefixes(watch).map((prefix) => `${prefix}/`);
  const mounts = sessionMounts(watch);
  const sockets = yield* boundSockets(watch, meter);
  const look: Look = { watch, needles, sockets, mounts, ownUid: ownUid(), meter };
  meter.note('');
  const processes = new Map<number, ProcessFacts>();
  const pids = listPids();
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat && !isDead(stat)) processes.set(pid, unchanged(stat, earlier) ?? (yield* inspect(stat, look)));
    yield;
  }
  const strays = [
    ...(yield* sockets.unclaimed()),
    ...mounts.strays(),
    ...loopHolds(watch, mounts.otherNames('self')),
  ];
  const deep = [...processes.values()].find(({ isDeep }) => isDeep);
  const isPartial = meter.isSpent() || deep !== undefined;
  const isAnyInExec = [...processes.values()].some(({ mayBeInExec }) => mayBeInExec);
  const isSettled = !isPartial && !isAnyInExec && String(listPids()) === String(pids);
  return {
    processes,
    strays,
    homeless: sockets.homeless,
    isSettled,
    isPartial,
    slowest: meter.isSpent() ? meter.slowest() : undefined,
    deepest: deep && `${deep.comm} (${deep.pid})`,
    bootedAt: bootedAt(processes.get(process.pid)?.startTime),
  };
}

/** A later look reads it again, even with no holds: its socket may lie in what is watched then. */
function withHolds({ processes }: Seen, pid: number, found: Holds): void {
  const facts = processes.get(pid);
  if (!facts) return;
  facts.holds = [...facts.holds, ...found.values()];
  facts.isUninvolved = false;
}

/** Its facts of an earlier look, where it is the same program with the same parent and was uninvolved. */
function unchanged(stat: ProcessStat, earlier: Seen | undefined): ProcessFacts | undefined {
  const facts = earlier?.processes.get(stat.pid);
  const isSame =
    facts?.startTime === stat.startTime &&
    facts.comm === stat.comm &&
    facts.ppid === stat.ppid &&
    facts.session === stat.session;
  return isSame && facts.isUninvolved && !facts.mayBeInExec ? facts : undefined;
}
