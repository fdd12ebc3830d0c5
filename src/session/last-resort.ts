// When this process goes down without having ended its sessions (an exit somewhere, a fatal signal nobody handles).
// Only synchronous work counts here: end the agent, or take the directory away when nobody is left. What remains is the
// watchdog's, told by `ending` that the end has begun.
import { onExit, signals } from 'signal-exit';
import { occupantsIn, type ReleaseOptions } from '../end/release.js';
import { remaining } from '../end/remaining.js';
import { askToEnd } from '../end/signal.js';
import { isAlive } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { takeSnapshotSync } from '../process/snapshot.js';
import { mountFailures } from '../remove/remove-tree.js';
import { moveToTrash } from '../remove/trash.js';
import { removeLater } from './remove-later.js';

export interface OpenSession {
  /** Writes `ending` into the lease. */
  beginEnd(): void;
  facts(): ReleaseOptions;
}

const open = new Set<OpenSession>();
let unregister: (() => void) | undefined;

/** Covers a session; gives the undo. The process-wide hook is there only while a session is open. */
export function coverExit(session: OpenSession): () => void {
  open.add(session);
  leaveOut('SIGXFSZ');
  unregister ??= onExit(() => open.forEach(endNow));
  return () => {
    open.delete(session);
    if (open.size > 0) return;
    unregister?.();
    unregister = undefined;
  };
}

/** Node ignores this one, so that a write beyond `ulimit -f` fails with EFBIG. Listened to, it would be the end of the process. */
function leaveOut(signal: NodeJS.Signals): void {
  const at = signals.indexOf(signal);
  if (at >= 0) signals.splice(at, 1);
}

function endNow(session: OpenSession): void {
  try {
    const facts = session.facts();
    session.beginEnd();
    if (facts.agent && isAlive(facts.agent)) askToEnd(facts.agent);
    else takeAway(facts);
  } catch {
    // On the way out nobody can be told; the lease says `ending`, the watchdog and the reaper go on from there.
  }
}

function takeAway(facts: ReleaseOptions): void {
  if (!canListPids() || facts.keep) return;
  const occupants = occupantsIn(takeSnapshotSync({ roots: [facts.root] }), facts);
  if (remaining(occupants, facts.dir).length > 0 || mountFailures(facts.dir).length > 0) return;
  const trashed = moveToTrash(facts.root, facts.dir);
  if (trashed !== undefined) removeLater(facts.root, trashed);
}
