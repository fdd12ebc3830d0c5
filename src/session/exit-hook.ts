// What happens when this process goes down without having ended its sessions: an exit somewhere, a fatal
// signal that nobody handles. Only synchronous work counts here, and little of it. One look for all sessions
// finds who descends from whom; then each lease says that the end has begun, and the agent is asked to end,
// with those of its children that could not be found without it. The watchdog does the rest; where there is
// none, a process that does what a watchdog would.
import { onExit, signals } from 'signal-exit';
import { onlyByDescent } from '../end/descent.js';
import { askToEnd } from '../end/signal.js';
import { unlessItFails } from '../errors.js';
import { once } from '../once.js';
import type { ProcessTable } from '../process/table.js';
import { takeDescent } from '../process/take-table.js';
import type { Known } from './known.js';
import { finishAfterUs } from './watchdog.js';

const open = new Set<Known>();
let unregister: (() => void) | undefined;

/** Covers a session; gives the undo. The process-wide hook is there only while a session is open. */
export function coverExit(session: Known): () => void {
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
  const look = once(takeDescent); // before anybody is asked
  for (const session of open) unlessItFails(() => endNow(session, look));
  const roots = [...open].filter(({ settings }) => !settings.watchdog).map(({ root }) => root);
  if (roots.length > 0) finishAfterUs([...new Set(roots)]);
}

/** Node ignores it: a write beyond `ulimit -f` fails with EFBIG. Listened to, it would end the process. */
function leaveOut(signal: NodeJS.Signals): void {
  const at = signals.indexOf(signal);
  if (at >= 0) signals.splice(at, 1);
}

/** Nobody is left to hear of a failure; the watchdog and the reaper go on from here. */
function endNow({ releaseOptions, lease, agent }: Known, look: () => ProcessTable): void {
  const lost = unlessItFails(() => onlyByDescent(releaseOptions(), look)) ?? [];
  unlessItFails(lease.setEnding);
  if (agent) unlessItFails(() => askToEnd(agent));
  for (const member of lost) unlessItFails(() => askToEnd(member));
}
