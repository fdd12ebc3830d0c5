// Leases for sessions that were never opened.
import { identityOf, leaseOf, realm } from '../../../helpers/reaping.js';

export const idOf = (at: number): string => at.toString(36).padStart(8, '0');

/** Owned by a process of this boot that is dead, and its agent too. One owner for all: making a dead one takes a process. */
export function ownedByNobody(): Record<string, unknown> {
  const lease = leaseOf('');
  const { pid, startTime } = lease['owner'] as { pid: number; startTime: number };
  return { ...lease, agent: { pid, startTime } };
}

/** Owned by this very process. */
export const ownedHere = (backend: string): Record<string, unknown> =>
  leaseOf('', {
    backend,
    owner: { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 },
  });
