// The keeper of an isolated session's namespace is a process of ours. It ends when its owner dies: it waits
// for the end of a pipe. One that somebody stopped does not see that end, and would hold the session as long
// as it is stopped. The keeper of a session with `--keep` waits until its memory was copied to disk.
import { untilGone } from '../end/end-members.js';
import { signalProcess } from '../end/signal.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { ProcessTable } from '../process/table.js';
import type { FoundSession } from './owners.js';

/**
 * Kills those of dead owners; true when there were any. The agent can write the lease, so its word is not
 * enough: the process must have the pid and start time named there, and be in the session's own namespace.
 */
export async function endLeftKeepers(
  sessions: readonly FoundSession[],
  table: ProcessTable,
): Promise<boolean> {
  const left = sessions.flatMap((one) => (isInMemory(one) ? [] : (leftKeeper(one, table) ?? [])));
  await killKeepers(left);
  return left.length > 0;
}

export async function killKeepers(keepers: readonly ProcessIdentity[]): Promise<void> {
  const asked = keepers.filter((keeper) => signalProcess(keeper, 'SIGKILL') === 'sent');
  if (asked.length > 0) await untilGone(asked, GONE_MS);
}

/** What is to be kept of a session whose owner is dead was in memory, and has not been copied out. Pure. */
export const isInMemory = ({ owner, found }: Pick<FoundSession, 'owner' | 'found'>): boolean =>
  owner === 'dead' &&
  found.kind === 'good' &&
  found.lease.keep === true &&
  found.lease.kept === undefined &&
  found.lease.isolate?.sizeBytes !== undefined;

/** Pure. */
export function leftKeeper(
  { dir, owner, found }: Pick<FoundSession, 'dir' | 'owner' | 'found'>,
  { processes }: ProcessTable,
): ProcessIdentity | undefined {
  if (owner !== 'dead' || found.kind !== 'good') return undefined;
  const { holder, holderStartTime } = found.lease.isolate ?? {};
  const facts = processes.get(holder ?? 0);
  const isInside = facts?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir);
  return isInside && facts?.startTime === holderStartTime ? facts : undefined;
}

const GONE_MS = 500; // SIGKILL acts at once
