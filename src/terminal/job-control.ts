// Our place in the terminal (credentials(7), tty_ioctl(4)), its settings, and what its shell asks of us.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { quietly, readProc } from '../fs.js';
import { askNow } from '../process/exec.js';
import { SHELL, tool } from '../process/find-tool.js';
import { isPidTaken, readStat } from '../process/identity.js';
import { isTerminal } from './is-terminal.js';

/** Our group is the terminal's foreground group: Ctrl-C and Ctrl-\ went to the agent already. */
export function isForeground(): boolean {
  const own = quietly(() => readStat(process.pid)); // out of descriptors: the signal counts
  return own !== undefined && own.tpgid > 0 && own.tpgid === own.pgrp;
}

/**
 * Saves the settings of the terminal on stdin, stdout or stderr; gives what restores them when the agent was
 * killed in raw mode. stty does it, inheriting the terminal: reading process.stdin here would make a pipe
 * shared with the agent non-blocking.
 */
export function saveTerminal(): () => void {
  const fd = [0, 1, 2].find((candidate) => isTerminal(candidate));
  if (fd === undefined || process.platform === 'win32') return () => {};
  const stty = tool('stty');
  const { stdout, status } = askNow(stty, ['-g'], { stdin: fd });
  if (status !== 0) return () => {};
  return () => {
    // SIGTTOU would stop stty where the agent's own group still counts as the foreground.
    if (mayTouchTerminal())
      askNow(SHELL, ['-c', 'trap "" TTOU; exec "$0" "$1"', stty, stdout.trim()], { stdin: fd });
  };
}

/** We may set the terminal right: it is ours, or nobody's since the agent died in a group of its own. */
function mayTouchTerminal(): boolean {
  const own = readStat(process.pid);
  const isFree = (group: number) => !isPidTaken(-group); // kill(2) takes the negative for the group
  return own !== undefined && own.tpgid > 0 && (own.tpgid === own.pgrp || isFree(own.tpgid));
}

/**
 * Ctrl-Z and `fg` when only the agent stops: the shell waits for us, so we stop as well, and wake the agent
 * when woken. (When the keyboard stops the whole group there is nothing to do.) The kernel reports a stop by
 * SIGCHLD; no polling. Gives the undo.
 */
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
