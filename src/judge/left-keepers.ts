// The keeper of an isolated session's namespace is a process of ours. It ends when its owner dies: it waits
// for the end of a pipe. One that somebody stopped does not see that end, and would hold the session as long
// as it is stopped. The keeper of a session with `--keep` waits until its memory was copied to disk.
import { untilGone } from '../end/end-members.js';
import { signalProcess } from '../end/signal.js';
import { coveredDirs } from '../isolate/isolate.js';
import type { Lease } from '../lease/lease.js';
import type { ProcessIdentity } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { tmpDir } from '../root/layout.js';
import type { FoundSession } from './owners.js';

/**
 * Kills those of dead owners; true when there were any. The agent can write the lease, so its word is not
 * enough: the process must have the pid and start time named there, and be in the session's own namespace.
 */
export async function endLeftKeepers(
  sessions: readonly FoundSession[],
  table: ProcessTable,
): Promise<boolean> {
  const left = sessions.flatMap((one) => (isToBeCopied(one) ? [] : (leftKeeper(one, table) ?? [])));
  await killKeepers(left);
  return left.length > 0;
}

export async function killKeepers(keepers: readonly ProcessIdentity[]): Promise<void> {
  const asked = keepers.filter((keeper) => signalProcess(keeper, 'SIGKILL') === 'sent');
  if (asked.length > 0) await untilGone(asked, GONE_MS);
}

/** What is to be kept of a session whose owner is dead was in memory, and has not been copied out. Pure. */
export const isToBeCopied = ({ owner, found: { lease } }: Pick<FoundSession, 'owner' | 'found'>): boolean =>
  owner === 'dead' &&
  lease?.keep === true &&
  lease.kept === undefined &&
  lease.isolate?.sizeBytes !== undefined;

/** Pure. */
export function leftKeeper(
  { dir, owner, found }: Pick<FoundSession, 'dir' | 'owner' | 'found'>,
  { processes }: ProcessTable,
): ProcessIdentity | undefined {
  if (owner !== 'dead') return undefined;
  const { holder = 0, holderStartTime } = found.lease?.isolate ?? {};
  const facts = processes.get(holder);
  return isInside(facts, dir) && facts?.startTime === holderStartTime ? facts : undefined;
}

/** A path to a TMPDIR in memory, through a process inside; undefined once nobody is, or where it is none. */
export function pathInside(dir: string, { isolate }: Lease, { processes }: ProcessTable): string | undefined {
  if (isolate?.sizeBytes === undefined) return undefined;
  const pid = [isolate.holder ?? 0, ...processes.keys()].find((one) => isInside(processes.get(one), dir));
  if (pid === undefined) return undefined;
  const inside = isolate.mode === 'tmpfs' ? tmpDir(dir) : coveredDirs()[0];
  return `/proc/${processes.get(pid)?.thread ?? pid}/root${inside}`;
}

/** In the mount namespace of the session `dir`. */
const isInside = (facts: ProcessFacts | undefined, dir: string): boolean =>
  facts?.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir) ?? false;

const GONE_MS = 500; // SIGKILL acts at once
