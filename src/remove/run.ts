// Runs a system tool that touches the disk, in a child process of its own session: a Ctrl-C in the terminal
// or the death of our group does not stop it halfway, and the event loop of a server never waits for the
// disk.
import type { SpawnOptions } from 'node:child_process';
import { codeOf } from '../fs.js';
import { bareEnv } from '../process/bare-env.js';
import { launch } from '../process/launch.js';

export interface ToolResult {
  /** Exit code; undefined when it could not be started or was killed. */
  code: number | undefined;
  stderr: string;
}

export interface ToolOptions {
  /** Default `/`. */
  cwd?: string;
  /** Descriptors that it gets, from FIRST_INHERITED on. */
  inherited?: readonly number[];
}

/** Number of the first descriptor that a tool inherits, beyond stdio. */
export const FIRST_INHERITED = 3;

export function runTool(
  file: string,
  args: string[],
  { cwd = APART.cwd, inherited = [] }: ToolOptions = {},
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const options: SpawnOptions = {
      ...APART,
      cwd,
      stdio: ['ignore', 'ignore', 'pipe', ...inherited],
      env: bareEnv({ LC_ALL: 'C' }),
    };
    const fail = (error: Error) =>
      resolve({ code: undefined, stderr: `${file} cannot be started (${codeOf(error) ?? error.message})` });
    const child = launch(file, args, options, fail);
    let stderr = '';
    child?.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (stderr.length < MAX_STDERR) stderr += chunk;
    });
    child?.on('close', (code, signal) =>
      resolve({
        code: code ?? undefined,
        stderr: signal === null ? stderr : `${stderr}\n${file}: ${signal}`,
      }),
    );
  });
}

/** Starts a tool that outlives us, for the moment of our own exit. */
export function runDetached(file: string, args: string[]): void {
  // Nobody is left to tell of a failure; the reaper empties the trash.
  launch(file, args, { ...APART, stdio: 'ignore', env: bareEnv({ LC_ALL: 'C' }) }, () => {})?.unref();
}

const APART = { cwd: '/', detached: true } as const;

const MAX_STDERR = 8_192;
