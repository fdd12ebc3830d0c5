// Which signals a process ignores (SigIgn of proc_pid_status(5)).
import { constants } from 'node:os';
import { quietly, readProc } from '../fs.js';

/** Undefined where it cannot be read. A handler is no ignoring. */
export function ignoresSignal(
  { pid, thread = pid }: { pid: number; thread?: number },
  signal: NodeJS.Signals,
): boolean | undefined {
  const status = quietly(() => readProc(`/proc/${thread}/status`)) ?? '';
  const [, mask] = /^SigIgn:\s+([0-9a-f]+)$/m.exec(status) ?? [];
  if (mask === undefined) return undefined;
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}
