// Ctrl-Z and `fg` when only the agent stops: the shell waits for us, so we stop as well, and wake the agent when woken.
// (When the keyboard stops the whole group there is nothing to do.) The kernel tells a stop by SIGCHLD; no polling.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { readStat } from '../process/identity.js';

/** Follows the child's stops and our own continuation; gives the undo. */
export function followStops(child: ChildProcess): () => void {
  const onChild = () => void stopWith(child);
  const onContinue = () => void child.kill('SIGCONT');
  process.on('SIGCHLD', onChild).on('SIGCONT', onContinue);
  return () => void process.off('SIGCHLD', onChild).off('SIGCONT', onContinue);
}

async function stopWith(child: ChildProcess): Promise<void> {
  if (!isStopped(child)) return;
  // `fg` wakes us and the child one after the other: look twice.
  await pause(SETTLE_MS);
  // SIGTSTP, not SIGSTOP: it does nothing to the orphaned group of a terminal's only program, which nobody could wake.
  if (isStopped(child)) process.kill(process.pid, 'SIGTSTP');
}

/** Stopped while it or we have the terminal: only then somebody waits for us to give it back. */
function isStopped({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  const stat = readStat(pid);
  const own = readStat(process.pid);
  return (
    stat?.state === 'T' &&
    own !== undefined &&
    own.tpgid > 0 &&
    (own.tpgid === own.pgrp || own.tpgid === stat.pgrp)
  );
}

const SETTLE_MS = 20;
