// Sends signals to proven processes. Checks pid and start time just before: since the look the pid may have
// passed to somebody else (Node has no pidfd).
import { codeOf } from '../fs.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';

/** `refused`: it runs as another user, who does not let us (kill(2), EPERM). */
export type Sent = 'sent' | 'gone' | 'refused';

export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Sent {
  if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return 'gone';
  try {
    process.kill(identity.pid, signal);
    return 'sent';
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return 'gone';
    if (codeOf(error) === 'EPERM') return 'refused';
    throw error;
  }
}

/** SIGTERM, and SIGCONT so that a stopped process acts on it. */
export function askToEnd(identity: ProcessIdentity): Sent {
  const sent = signalProcess(identity, 'SIGTERM');
  if (sent === 'sent') signalProcess(identity, 'SIGCONT');
  return sent;
}
