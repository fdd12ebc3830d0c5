// When this process goes down without having ended its sessions (an exit somewhere, a fatal signal nobody
// handles). Only synchronous work counts here: the agent is asked to end, and the lease says that the end has
// begun. The rest is the watchdog's; where there is none, a process that does what a watchdog would.
import { onExit, signals } from 'signal-exit';
import type { ReleaseOptions } from '../end/release-options.js';
import { askToEnd } from '../end/signal.js';
import { isAlive } from '../process/identity.js';
import { finishAfterUs } from './watchdog.js';

export interface OpenSession {
  /** Writes `ending` into the lease. */
  beginEnd(): void;
  facts(): ReleaseOptions;
  /** A watchdog knows of it. */
  isWatched: boolean;
}

const open = new Set<OpenSession>();
let unregister: (() => void) | undefined;

/** Covers a session; gives the undo. The process-wide hook is there only while a session is open. */
export function coverExit(session: OpenSession): () => void {
  open.add(session);
  leaveOut('SIGXFSZ');
  unregister ??= onExit(endAll);
  return () => {
    open.delete(session);
    if (open.size > 0) return;
    unregister?.();
    unregister = undefined;
  };
}

function endAll(): void {
  for (const session of open) endNow(session);
  const roots = [...open].filter(({ isWatched }) => !isWatched).map(({ facts }) => facts().root);
  if (roots.length > 0) finishAfterUs([...new Set(roots)]);
}

/**
 * Node ignores this one, so that a write beyond `ulimit -f` fails with EFBIG. Listened to, it would be the
 * end of the process.
 */
function leaveOut(signal: NodeJS.Signals): void {
  const at = signals.indexOf(signal);
  if (at >= 0) signals.splice(at, 1);
}

function endNow(session: OpenSession): void {
  try {
    const { agent } = session.facts();
    session.beginEnd();
    if (agent && isAlive(agent)) askToEnd(agent);
  } catch {
    // On the way out nobody can be told; the watchdog and the reaper go on from here.
  }
}
