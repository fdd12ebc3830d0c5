// What a verdict wants to know of a session beside its lease and its users: how much is in it, when that was
// used last.
import { join } from 'node:path';
import { attempt, fs, statOf } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { canListPids } from '../process/list-pids.js';
import type { ProcessTable } from '../process/table.js';
import { fullNote, markerDir, tmpDir } from '../root/layout.js';
import type { Mount } from '../root/mounts.js';
import { HEARTBEAT_MS } from '../session/keep-alive.js';
import { readNote } from '../space/full-note.js';
import type { Pressure } from '../space/probe.js';
import { lastChange } from '../tree/last-use.js';
import { type Measure, measure } from '../tree/measure.js';
import { reclaimable, type Size } from '../tree/reclaimable.js';
import { pathInside } from './left-keepers.js';
import type { FoundSession } from './owners.js';
import type { SessionDir } from './session-dirs.js';

/** When its owner may have been alive last: until the next heartbeat, which did not come. */
export function lastSeen(session: FoundSession): number {
  const { heartbeatAt } = session.found;
  return heartbeatAt === undefined ? madeAt(session) : Math.min(heartbeatAt + HEARTBEAT_MS, Date.now());
}

/** Whether the verdict depends on the age of what is in it. `seesUsers`: see there. */
export const isAgeAsked = ({ owner, isLocked }: FoundSession, seesUsers: boolean): boolean =>
  owner === 'unknown' || (owner === 'elsewhere' && !isLocked) || !seesUsers;

/** Whether nobody in the table means nobody. Who ends what is its own goes by what it sees. */
export const seesUsers = ({ outside }: ProcessTable, { isOwn = false }: { isOwn?: boolean }): boolean =>
  canListPids() && (isOwn || outside.length === 0);

/** When it was used last. What was not seen counts as young. */
export const newestIn = ({ isPartial, lastUseAt }: Measure, session: SessionDir): number =>
  isPartial ? Date.now() : Math.max(lastUseAt, madeAt(session));

/**
 * When the directory was made or last got an entry. Not its atime: our reading moves that. Nor the ctime of
 * one that we moved.
 */
function madeAt({ dir, at }: SessionDir): number {
  const stat = statOf(at);
  return stat ? lastChange({ ...stat, ctimeMs: at === dir ? stat.ctimeMs : 0 }, Date.now()) : 0;
}

/** That its disk was full while it lived, as its owner or its agent's hook noted it; for a receipt. */
export function pressureIn(at: string, { isolate }: Lease): Pressure | undefined {
  const noted = readNote(fullNote(isolate ? markerDir(at) : at));
  return noted && { ...noted, ...(isolate?.sizeBytes !== undefined && { limitBytes: isolate.sizeBytes }) };
}

/** Stands in for a missing or bad lease: it names nobody. */
export const stranger = (id: string, dir: string): Lease => ({
  version: 1,
  id,
  backend: 'generic',
  command: [],
  cwd: '',
  createdAt: new Date(statOf(dir)?.birthtimeMs ?? 0).toISOString(),
  owner: { pid: 0, startTime: 0, bootId: '', pidNamespace: '', host: '', uid: 0 },
});

export interface SizeOptions {
  /** The sessions are of our own owner: whoever runs outside of our user namespace counts for nobody. */
  isOwn?: boolean;
  /** Measure every TMPDIR, not only those whose age decides. */
  wantsSizes?: boolean;
  /** Stop measuring then (`monotonicMs()`). Where the age decides, what was not seen counts as young. */
  until?: number;
}

/**
 * Measures a session where that is wanted or the verdict depends on it. Call it after the look at processes.
 * What is in memory is seen only through a process inside.
 */
export function sizeIn(
  session: FoundSession,
  table: ProcessTable,
  { wantsSizes = false, until, ...options }: SizeOptions,
  mounts: readonly Mount[],
): Promise<Measure> | undefined {
  if (!wantsSizes && !isAgeAsked(session, seesUsers(table, options))) return undefined;
  const { dir, at, found } = session;
  const inside = found.lease && at === dir ? pathInside(dir, found.lease, table) : undefined;
  return measure(inside ?? tmpDir(at), { until, mounts });
}

/** The size of what lies right in a session: lease, settings, directories. Removing it frees them, too. */
export function ownSize(dir: string): Size {
  const freed = reclaimable();
  for (const name of attempt(() => fs.readdirSync(dir)) ?? []) {
    const stat = statOf(join(dir, name));
    if (stat) freed.add(stat);
  }
  return freed.size();
}
