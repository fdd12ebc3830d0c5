// Remembers the terminal's settings before the agent starts and puts them back when it was killed in raw
// mode. stty does it, inheriting the terminal: reading process.stdin here would make a pipe shared with the
// agent non-blocking.
import { isatty } from 'node:tty';
import { askNow } from '../process/exec.js';
import { SHELL, tool } from '../process/find-tool.js';
import { mayTouchTerminal } from './foreground.js';

/** Saves the settings of the terminal on stdin, stdout or stderr; gives what restores them. */
export function saveTerminal(): () => void {
  const fd = [0, 1, 2].find((candidate) => isatty(candidate));
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
