// The process that keeps an isolated session's namespace is ours, and goes when its owner dies: it waits for
// the end of a pipe. One that somebody stopped does not see that end, and would keep the session for as long
// as it stays stopped. One that was told to stay waits until what is to be kept was copied out of memory.
import { untilGone } from '../end/end-members.js';
import { signalProcess } from '../end/signal.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { Snapshot } from '../process/snapshot.js';
import type { Place } from './places.js';

/**
 * Kills those of dead owners; true when there were any. The lease's word alone is not enough, the agent can
 * write that: it has to be exactly the process named, by pid and start time, and in the session's own
 * namespace. Whoever else is inside keeps that.
 */
export async function endLeftHolders(places: readonly Place[], snapshot: Snapshot): Promise<boolean> {
  const left = places.flatMap((place) => (isInMemory(place) ? [] : (leftHolder(place, snapshot) ?? [])));
  for (const holder of left) signalProcess(holder, 'SIGKILL');
  if (left.length > 0) await untilGone(left, GONE_MS);
  return left.length > 0;
}

/** What is to be kept of a session whose owner is dead was in memory, and has not been copied out. Pure. */
export const isInMemory = ({ owner, found }: Pick<Place, 'owner' | 'found'>): boolean =>
  owner === 'dead' &&
  found.kind === 'good' &&
  found.lease.keep === true &&
  found.lease.kept === undefined &&
  found.lease.isolate?.sizeBytes !== undefined;

/** Pure. */
export function leftHolder(
  { dir, owner, found }: Pick<Place, 'dir' | 'owner' | 'found'>,
  { processes }: Snapshot,
): ProcessIdentity | undefined {
  if (owner !== 'dead' || found.kind !== 'good') return undefined;
  const { holder, holderStartTime } = found.lease.isolate ?? {};
  const facts = processes.get(holder ?? 0);
  const isInside = facts?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir);
  return isInside && facts?.startTime === holderStartTime ? facts : undefined;
}

const GONE_MS = 500; // SIGKILL acts at once
