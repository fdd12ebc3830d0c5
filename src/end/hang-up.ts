// An interactive shell ignores SIGTERM, and ends when its terminal hangs up. Else it would wait out the grace
// period and be killed: so an idle one is sent SIGHUP, too.
import type { ProcessFacts } from '../process/inspect.js';

/**
 * It leads the session of a terminal and is alone there: a shell has nobody to pass the hangup on to. A
 * script whose command runs is not: it keeps its grace period. Pure.
 */
export const isAloneOnTerminal = (
  { pid, session, terminal }: Pick<ProcessFacts, 'pid' | 'session' | 'terminal'>,
  inSession: readonly Pick<ProcessFacts, 'pid'>[],
): boolean => pid === session && Boolean(terminal) && inSession.every((one) => one.pid === pid);
