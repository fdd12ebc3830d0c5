// Runs a system tool that touches the disk, in a child process of its own session: a Ctrl-C in the terminal or the
// death of our group does not stop it halfway, and the event loop of a server never waits for the disk.
import { spawn } from 'node:child_process';
import { bareEnv } from '../process/bare-env.js';

export interface ToolResult {
  /** Exit code; undefined when it could not be started or was killed. */
  code: number | undefined;
  stderr: string;
}

export function runTool(file: string, args: string[]): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: bareEnv({ LC_ALL: 'C' }),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (stderr.length < MAX_STDERR) stderr += chunk;
    });
    child.on('error', (error) => resolve({ code: undefined, stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? undefined, stderr }));
  });
}

/** Starts a tool that outlives us, for the moment of our own exit. */
export function runDetached(file: string, args: string[]): void {
  const child = spawn(file, args, {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    env: bareEnv({ LC_ALL: 'C' }),
  });
  child.on('error', () => {}); // nobody is left to tell; the reaper empties the trash
  child.unref();
}

const MAX_STDERR = 8_192;
