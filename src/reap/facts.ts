// What is known of a session, as the verdict wants it: what its lease says, how much is in it, when that was
// used last. What is in the memory of an isolated session is seen only through a process inside.
import { attempt, fs } from '../fs.js';
import { coveredDirs } from '../isolate/covered.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { canListPids } from '../process/list-pids.js';
import type { ProcessTable } from '../process/table.js';
import { fullNote, markerDir, tmpDir } from '../root/layout.js';
import type { Mount } from '../root/mounts.js';
import { HEARTBEAT_MS } from '../session/keep-alive.js';
import { readNote } from '../space/full-note.js';
import type { Pressure } from '../space/probe.js';
import { type Measure, measure } from '../tree/measure.js';
import type { SessionFacts } from './judge.js';
import type { FoundSession } from './owners.js';
import type { SessionDir } from './session-dirs.js';

/** When its owner may have been alive last: until the next heartbeat, which did not come. */
export const lastSeen = (session: SessionDir, found: FoundLease): number =>
  found.kind === 'good' ? Math.min(found.heartbeatAt + HEARTBEAT_MS, Date.now()) : madeAt(session);

/** Whether the verdict depends on the age of what is in it. */
export const isAgeAsked = ({ owner, isLocked }: FoundSession): boolean =>
  owner === 'unknown' || (owner === 'elsewhere' && !isLocked) || !canListPids();

/** When it was used last. What was not seen counts as young. */
export const newestIn = ({ isPartial, lastUseAt }: Measure, session: SessionDir): number =>
  isPartial ? Date.now() : Math.max(lastUseAt, madeAt(session));

/**
 * When the directory was made or last got an entry. Not its atime: our reading moves that. Nor the ctime of
 * one that we moved.
 */
function madeAt({ dir, at }: SessionDir): number {
  const stat = attempt(() => fs.lstatSync(at));
  return Math.max(stat?.mtimeMs ?? 0, at === dir ? (stat?.ctimeMs ?? 0) : 0);
}

interface Facts extends Pick<SessionFacts, 'owner' | 'isLocked' | 'occupants'> {
  agentState(lease: Lease): SessionFacts['agent'];
  newestAt: number | undefined;
  ageOf(at: number): number;
}

export function factsOf(found: FoundLease, { newestAt, agentState, ageOf, ...seen }: Facts): SessionFacts {
  const newestAgeMs = newestAt === undefined ? undefined : ageOf(newestAt);
  if (found.kind !== 'good') {
    return {
      ...seen,
      lease: found.kind,
      isKept: false,
      agent: 'unnamed',
      heartbeatAgeMs: Infinity,
      newestAgeMs,
    };
  }
  const { lease, heartbeatAt } = found;
  return {
    ...seen,
    lease: 'good',
    isKept: lease.kept !== undefined,
    isKeptInPart: lease.kept?.missing !== undefined,
    isEnding: lease.ending !== undefined,
    isToBeKept: lease.keep === true,
    agent: agentState(lease),
    heartbeatAgeMs: ageOf(heartbeatAt),
    newestAgeMs,
  };
}

/** That its disk was full while it lived, as its owner or its agent's hook noted it; for a receipt. */
export function pressureIn(at: string, { isolate }: Lease): Pressure | undefined {
  const noted = readNote(fullNote(isolate ? markerDir(at) : at));
  return (
    noted && { ...noted, ...(isolate?.sizeBytes === undefined ? {} : { limitBytes: isolate.sizeBytes }) }
  );
}

/** Stands in for a missing or bad lease: it names nobody. */
export const stranger = (id: string, dir: string): Lease => {
  const birth = attempt(() => fs.lstatSync(dir))?.birthtimeMs ?? 0;
  const nobody = { pid: 0, startTime: 0, bootId: '', pidNamespace: '', host: '', uid: 0 };
  return {
    version: 1,
    id,
    backend: 'generic',
    command: [],
    cwd: '',
    createdAt: new Date(birth).toISOString(),
    owner: nobody,
  };
};

export interface SizeOptions {
  /** Measure every TMPDIR, not only those whose age decides. */
  wantsSizes?: boolean;
  /** Stop measuring then (`monotonicMs()`). Where the age decides, what was not seen counts as young. */
  until?: number;
}

/**
 * Measures a session where that is wanted or the verdict depends on it. Call it after the look at processes.
 */
export function sizeIn(
  session: FoundSession,
  table: ProcessTable,
  { wantsSizes = false, until }: SizeOptions,
  mounts: readonly Mount[],
): Promise<Measure> | undefined {
  if (!wantsSizes && !isAgeAsked(session)) return undefined;
  const { dir, at, found } = session;
  const isInPlace = found.kind === 'good' && at === dir;
  return measure(isInPlace ? contentsOf(dir, found.lease, table) : tmpDir(at), { until, mounts });
}

/** A path to its TMPDIR; once nobody is inside any more, to the empty directory below the mount. */
const contentsOf = (dir: string, lease: Lease, table: ProcessTable): string =>
  inMemory(dir, lease, table) ?? tmpDir(dir);

/** A path to its TMPDIR in memory, through a process inside. */
export function inMemory(dir: string, { isolate }: Lease, { processes }: ProcessTable): string | undefined {
  if (isolate?.sizeBytes === undefined) return undefined;
  const isInside = (pid: number) =>
    processes.get(pid)?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir) ?? false;
  const pid = [isolate.holder ?? 0, ...processes.keys()].find(isInside);
  if (pid === undefined) return undefined;
  const inside = isolate.mode === 'tmpfs' ? tmpDir(dir) : coveredDirs()[0];
  return `/proc/${processes.get(pid)?.thread ?? pid}/root${inside}`;
}
