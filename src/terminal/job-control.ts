// Ctrl-Z and `fg` when only the agent stops: the shell waits for us, so we stop as well, and wake the agent
// when woken. (When the keyboard stops the whole group there is nothing to do.) The kernel reports a stop by
// SIGCHLD; no polling.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { quietly, readProc } from '../fs.js';
import { readStat } from '../process/identity.js';

/** Follows the child's stops and our own continuation; gives the undo. */
export function followStops(child: ChildProcess): () => void {
  let runsBefore: string | undefined;
  const stopWith = async () => {
    if (!isStopped(child)) return;
    // `fg` wakes us and the child one after the other: look twice.
    await pause(SETTLE_MS);
    if (!isStopped(child)) return;
    runsBefore = runs(child);
    // Not SIGSTOP: that also stops the orphaned group of a terminal's only program, which nobody could wake.
    process.kill(process.pid, 'SIGTSTP');
  };
  const onChild = () => void stopWith().catch(() => {});
  const onContinue = () => {
    if (!isStopped(child)) return;
    // The shell wakes the whole group: an agent that ran since was woken already, and has stopped again.
    if (runsBefore !== undefined && runs(child) !== runsBefore) onChild();
    else child.kill('SIGCONT');
  };
  process.on('SIGCHLD', onChild).on('SIGCONT', onContinue);
  onChild(); // it may have stopped before we listened
  return () => void process.off('SIGCHLD', onChild).off('SIGCONT', onContinue);
}

/** Stopped, and there is a terminal whose shell waits for us. */
function isStopped({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  // No descriptor left for a look (ENFILE): then it is not followed, and both go on.
  return quietly(() => readStat(pid)?.state === 'T' && (readStat(process.pid)?.tpgid ?? 0) > 0) ?? false;
}

/** How often it was switched off a processor: more than before means that it ran (proc_pid_status(5)). */
function runs({ pid = 0 }: ChildProcess): string {
  const status = quietly(() => readProc(`/proc/${readStat(pid)?.thread ?? pid}/status`));
  return String(status?.match(/ctxt_switches:\s*\d+/g) ?? '');
}

const SETTLE_MS = 5;
