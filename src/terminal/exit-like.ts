// Ends this process as the agent ended: with its code, or by its signal, so that whoever waits for us sees
// what it would have seen without us.
import { constants } from 'node:os';
import { fs } from '../fs.js';
import { isTerminal } from './is-terminal.js';

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Exits with the code, or by the signal: 128+n where that would dump a core of ours, or cannot kill us. */
export function exitLike({ code, signal }: ExitStatus): void {
  if (signal === null) leave(code ?? 0);
  const status = 128 + constants.signals[signal];
  if (DUMPS_CORE.has(signal) || process.pid === 1 || process.platform === 'win32') leave(status);
  setDefault(signal);
  process.kill(process.pid, signal);
  // A signal that is blocked or comes late: the loop must live until it hits, but not for ever.
  setTimeout(() => leave(status), 500);
}

/**
 * At its exit Node puts back the terminal settings of its start, over the agent's and the next job's; not on
 * descriptors that are closed (ResetStdio, src/node.cc).
 */
export function leave(code: number): never {
  for (const fd of [0, 1, 2]) if (isTerminal(fd)) fs.closeSync(fd);
  process.exit(code);
}

/** Node ignores SIGPIPE and starts a debugger on SIGUSR1: a removed listener leaves the kernel's default. */
function setDefault(signal: NodeJS.Signals): void {
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') return;
  process.removeAllListeners(signal);
  const listener = () => {};
  process.on(signal, listener).off(signal, listener);
}

/** signal(7), "Core". */
const DUMPS_CORE: ReadonlySet<string> = new Set(
  'SIGQUIT SIGILL SIGTRAP SIGABRT SIGIOT SIGBUS SIGFPE SIGSEGV SIGXCPU SIGXFSZ SIGSYS'.split(' '),
);
