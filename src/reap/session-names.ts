// The ids and labels by which a person names sessions. Quick: no process and no TMPDIR is looked at.
import { readLease } from '../lease/lease-file.js';
import { tmpDir } from '../root/layout.js';
import { closedSessions, rootsToLookIn, sessionsUnder } from './session-dirs.js';

export interface SessionName {
  id: string;
  label: string | null;
  /** Undefined where a look at it may never come back. */
  tmpdir?: string;
  /** Its TMPDIR is a tmpfs in a mount namespace of its own: out here there is an empty directory. */
  isInMemory?: boolean;
}

/** Of all sessions, also of those that cannot be looked at. */
export async function sessionNames(env: NodeJS.ProcessEnv, root: string | undefined): Promise<SessionName[]> {
  const roots = await rootsToLookIn(env, root);
  const named = (await sessionsUnder(roots)).map(({ id, at }) => {
    const found = readLease(at, id);
    const lease = found.kind === 'good' ? found.lease : undefined;
    const isInMemory = lease?.isolate?.sizeBytes !== undefined;
    return { id, label: lease?.label ?? null, tmpdir: tmpDir(at), isInMemory };
  });
  return [...named, ...closedSessions(roots).map(({ id }) => ({ id, label: null }))];
}
