// What is known of a session, as the verdict wants it.
import { attempt, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { canListPids } from '../process/list-pids.js';
import { HEARTBEAT_MS } from '../session/keep-alive.js';
import type { Measure } from '../tree/measure.js';
import type { SessionFacts } from './judge.js';
import type { Place, SessionPlace } from './places.js';

/** The owner may have lived until its next heartbeat did not come. */
export const lastSeen = (place: SessionPlace, found: FoundLease): number =>
  found.kind === 'good' ? Math.min(found.heartbeatAt + HEARTBEAT_MS, Date.now()) : madeAt(place);

/** Only then the verdict depends on what is in it. */
export const isAgeAsked = ({ owner, isLocked }: Place): boolean =>
  owner === 'unknown' || (owner === 'elsewhere' && !isLocked) || !canListPids();

/** What was not seen counts as young. */
export const newestIn = ({ isPartial, lastUseAt }: Measure, place: SessionPlace): number =>
  isPartial ? Date.now() : Math.max(lastUseAt, madeAt(place));

/**
 * When the directory was made or last got an entry. Never its atime: reading it, as we do, moves that. Of one
 * that we moved not its ctime either.
 */
function madeAt({ dir, at }: SessionPlace): number {
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
    isToBeKept: lease.keep === true,
    agent: agentState(lease),
    heartbeatAgeMs: ageOf(heartbeatAt),
    newestAgeMs,
  };
}
