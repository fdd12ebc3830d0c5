// Sends signals to processes that were proven, checking pid and start time just before: between the look and
// the signal the number may have passed to somebody else (pidfd is not to be had from Node).
import { codeOf } from '../fs.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';

/** Signals exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

/** SIGTERM, and SIGCONT so that a stopped process acts on it. */
export function askToEnd(identity: ProcessIdentity): boolean {
  return signalProcess(identity, 'SIGTERM') && (signalProcess(identity, 'SIGCONT') || true);
}
