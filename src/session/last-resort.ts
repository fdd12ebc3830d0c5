// When this process goes down without having ended its sessions (an exit somewhere, a fatal signal nobody
// handles). Only synchronous work counts here, and little of it: one look for all sessions at who descends
// from whom; then each lease says that the end has begun, and the agent is asked to end, with those of its
// children that nobody could tell without it. The rest is the watchdog's; where there is none, a process that
// does what a watchdog would.
import { onExit, signals } from 'signal-exit';
import { onlyByDescent } from '../end/descent.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { askToEnd } from '../end/signal.js';
import { type Snapshot, takeDescent } from '../process/snapshot.js';
import { finishAfterUs } from './watchdog.js';

export interface OpenSession {
  /** Writes `ending` into the lease, once. */
  sayEnding(): void;
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
  let seen: Snapshot | undefined;
  const look = () => {
    seen ??= takeDescent(); // before anybody is asked
    return seen;
  };
  for (const session of open) unlessItFails(() => endNow(session, look));
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

function endNow(session: OpenSession, look: () => Snapshot): void {
  const facts = session.facts();
  const { agent } = facts;
  const lost = unlessItFails(() => onlyByDescent(facts, look)) ?? [];
  unlessItFails(session.sayEnding);
  if (agent) unlessItFails(() => askToEnd(agent));
  for (const member of lost) unlessItFails(() => askToEnd(member));
}

/** On the way out nobody can be told; the watchdog and the reaper go on from here. */
function unlessItFails<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
