// Asks another program a question: what it prints within a time limit. It gets no more of our environment
// than it needs to start, no terminal, and is killed when it hangs (a quota tool behind a dead NFS server, an
// agent that waits for a login).
import { execFile } from 'node:child_process';
import { bareEnv } from '../process/bare-env.js';

export interface Answer {
  stdout: string;
  stderr: string;
}

/** What it printed, whatever it exited with; undefined when it cannot be started or took too long. */
export function askProgram(
  file: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, env = {} }: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const options = {
      cwd: '/',
      encoding: 'utf8' as const,
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MAX_BYTES,
      env: bareEnv({ LC_ALL: 'C', ...env }),
    };
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      const isAnswer = error === null || (typeof error.code === 'number' && !error.killed);
      resolve(isAnswer ? { stdout, stderr } : undefined);
    });
    child.stdin?.end();
  });
}

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 256 * 1024;
