// An interactive shell ignores SIGTERM, and ends when its terminal hangs up. Else it would wait out the grace
// period and be killed: so an idle one is sent SIGHUP, too.
import type { ProcessIdentity } from '../process/identity.js';
import { ignoresSignal } from '../process/ignored-signals.js';
import type { ProcessFacts } from '../process/inspect.js';
import { signalProcess } from './signal.js';

/**
 * It leads the session of a terminal and is alone there: a shell has nobody to pass the hangup on to. A
 * script whose command runs is not: it keeps its grace period. Pure.
 */
export const isAloneOnTerminal = (
  { pid, session, terminal }: Pick<ProcessFacts, 'pid' | 'session' | 'terminal'>,
  inSession: readonly Pick<ProcessFacts, 'pid'>[],
): boolean => pid === session && Boolean(terminal) && inSession.every((one) => one.pid === pid);

/** Sends SIGHUP to an interactive shell; false for anything else, whose work that would cut short. */
export function hangUpShell(identity: ProcessIdentity): boolean {
  if (!SHELL_IGNORES.every((one) => ignoresSignal(identity, one) === true)) return false;
  signalProcess(identity, 'SIGHUP');
  signalProcess(identity, 'SIGCONT');
  return true;
}

/** What a shell with job control ignores. A script that ignores SIGTERM can still be stopped by ^Z. */
const SHELL_IGNORES = ['SIGTERM', 'SIGTSTP'] as const;
