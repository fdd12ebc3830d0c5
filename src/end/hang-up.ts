// An interactive shell ignores SIGTERM, and ends when its terminal hangs up. Else it would wait out the grace
// period and be killed: so an idle one is sent SIGHUP, too.
import type { ProcessFacts } from '../process/inspect.js';

/**
 * Whether it leads the session of a terminal and is alone there. Then a shell has nobody to pass the hangup
 * on to; and a script that ignores SIGTERM while its command runs keeps its grace period. Pure.
 */
export const isAloneOnTerminal = (
  { pid, session, terminal }: Pick<ProcessFacts, 'pid' | 'session' | 'terminal'>,
  inSession: readonly Pick<ProcessFacts, 'pid'>[],
): boolean => pid === session && Boolean(terminal) && inSession.every((one) => one.pid === pid);
