// A process that we ended may own sessions itself: a qw-run that the agent started. If it was killed at the
// end of the grace period, it could not begin their end, and its watchdog would leave their agents alone, as
// after a crash. So we write into their leases that the end has begun, and the watchdog goes on from there.
import { newYielder } from '../clock.js';
import { attempt } from '../fs.js';
import { readLease, writeLease } from '../lease/lease-file.js';
import { isAlive, ownRealm, type ProcessIdentity } from '../process/identity.js';
import type { ProcessTable } from '../process/table.js';
import { sessionOfPath } from '../root/layout.js';

/** Begins the end of sessions under `root` that somebody lives in, and whose owner was one of `ended`. */
export async function beginEndsOf(
  ended: readonly ProcessIdentity[],
  root: string,
  { processes }: Pick<ProcessTable, 'processes'>,
): Promise<void> {
  const dead = ended.filter((identity) => !isAlive(identity));
  if (dead.length === 0) return;
  const lived = [...processes.values()].flatMap(
    ({ variables }) => sessionOfPath(root, variables?.tmpdir ?? '') ?? [],
  );
  const { bootId, pidNamespace } = ownRealm();
  const yielder = newYielder();
  for (const dir of new Set(lived)) {
    if (yielder.isDue()) await yielder.yield(); // there may be hundreds
    const found = attempt(() => readLease(dir));
    if (found?.kind !== 'good' || found.lease.ending !== undefined) continue;
    const { owner } = found.lease;
    const isHere = owner.bootId === bootId && owner.pidNamespace === pidNamespace;
    const wasEnded = dead.some(({ pid, startTime }) => pid === owner.pid && startTime === owner.startTime);
    if (!isHere || !wasEnded || isAlive(owner)) continue;
    // Where a full disk refuses, it stays as after a crash.
    attempt(() => writeLease(dir, { ...found.lease, ending: new Date().toISOString() }));
  }
}
