// Which signals a process ignores (SigIgn of proc_pid_status(5)).
import { constants } from 'node:os';
import { quietly } from '../fs.js';
import { fieldOf } from './procfs.js';

/** Undefined where it cannot be read. A handler is no ignoring. */
export function ignoresSignal(
  { pid, thread = pid }: { pid: number; thread?: number },
  signal: NodeJS.Signals,
): boolean | undefined {
  const mask = quietly(() => fieldOf(`/proc/${thread}/status`, 'SigIgn'));
  if (mask === undefined) return undefined;
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}
