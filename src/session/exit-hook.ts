// What happens when this process goes down without having ended its sessions: an exit somewhere, a fatal
// signal that nobody handles. Only synchronous work counts here, and little of it. One look for all sessions
// finds who descends from whom; then each lease says that the end has begun, and the agent is asked to end,
// with those of its children that could not be found without it. The watchdog does the rest; where there is
// none, a process that does what a watchdog would.
import { onExit, signals } from 'signal-exit';
import { onlyByDescent } from '../end/descent.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { askToEnd } from '../end/signal.js';
import { unlessItFails } from '../errors.js';
import type { ProcessTable } from '../process/table.js';
import { takeDescent } from '../process/take-table.js';
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
  let seen: ProcessTable | undefined;
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

/** Nobody is left to hear of a failure; the watchdog and the reaper go on from here. */
function endNow(session: OpenSession, look: () => ProcessTable): void {
  const facts = session.facts();
  const { agent } = facts;
  const lost = unlessItFails(() => onlyByDescent(facts, look)) ?? [];
  unlessItFails(session.sayEnding);
  if (agent) unlessItFails(() => askToEnd(agent));
  for (const member of lost) unlessItFails(() => askToEnd(member));
}
