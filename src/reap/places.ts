// The session directories under some roots, each with its lease and whether its owner lives.
import { attempt, fs } from '../fs.js';
import { type FoundLease, readAgain, readLease } from '../lease/lease-file.js';
import { type Here, ownerState } from '../lease/owner.js';
import { hasProcfs } from '../process/identity.js';
import { listPids } from '../process/list-pids.js';
import { ownUid } from '../root/guard.js';
import { SESSION_ID, sessionDir } from '../root/layout.js';
import type { SessionFacts } from './judge.js';

interface SessionPlace {
  id: string;
  root: string;
  dir: string;
}

export interface Place extends SessionPlace {
  found: FoundLease;
  owner: SessionFacts['owner'];
}

/** The sessions under `roots`. Entries that are not ours by name, type or owner are not even listed (row 1). */
export const placesUnder = (roots: readonly string[], now: Here): Place[] =>
  lookAtOwners(
    roots.flatMap((root) => sessionDirs(root)),
    now,
  );

/**
 * The leases and their owners. Before the look at the processes: what an owner started that is dead by now is there to be seen then.
 * Read once more after a death: its last word may have been the name of its agent, or `kept`.
 */
function lookAtOwners(dirs: readonly SessionPlace[], now: Here): Place[] {
  const read = dirs.map((place) => ({ ...place, found: readLease(place.dir) }));
  // Whoever is not in a list made after its lease was read is dead: one look rules out thousands.
  const pids = new Set(hasProcfs() ? listPids() : []);
  const mayLive = (pid: number) => !hasProcfs() || pids.has(pid);
  return read.map(({ found, ...place }) => {
    if (found.kind !== 'good') return { ...place, found, owner: 'unknown' };
    const owner = ownerState(found.lease, found.heartbeatAt, now, mayLive);
    const last = owner === 'dead' ? readAgain(place.dir, found) : found;
    return { ...place, found: last, owner: last.kind === 'good' ? owner : 'unknown' };
  });
}

/** Directories of ours with a session's name. */
function sessionDirs(root: string): SessionPlace[] {
  const uid = ownUid();
  return (attempt(() => fs.readdirSync(root)) ?? [])
    .filter((id) => SESSION_ID.test(id))
    .map((id) => ({ id, root, dir: sessionDir(root, id) }))
    .filter(({ dir }) => {
      const stat = attempt(() => fs.lstatSync(dir, { throwIfNoEntry: false }));
      return stat?.isDirectory() && (process.platform === 'win32' || stat.uid === uid);
    });
}
