// Runs a system's tool to its end, in a session of its own: a Ctrl-C in the terminal or the death of our
// group does not stop it halfway, and the event loop of a server never waits for the disk. With a time limit
// one that hangs (behind a dead NFS server, where not even SIGKILL helps) is left.
import { attempt, codeOf } from '../fs.js';
import { launch } from './exec.js';
import type { Program } from './find-tool.js';

export interface ToolResult {
  /** Exit code; undefined when it could not be started, was killed or took too long. */
  code: number | undefined;
  /** Empty unless `hears`. */
  stdout: string;
  stderr: string;
}

export interface ToolOptions {
  /** Default `/`. */
  cwd?: string;
  /** Descriptors that it gets, from FIRST_INHERITED on. */
  inherited?: readonly number[];
  /** Collect what it prints on stdout. */
  hears?: boolean;
  /** None by default. */
  timeoutMs?: number;
}

export const FIRST_INHERITED = 3;

export function runTool(
  program: Program,
  args: readonly string[],
  { cwd = '/', inherited = [], hears = false, timeoutMs }: ToolOptions = {},
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const stdio = ['ignore', hears ? 'pipe' : 'ignore', 'pipe', ...inherited] as const;
    const said = { stdout: '', stderr: '' };
    const end = (code: number | undefined, why = '') =>
      resolve({ code, stdout: said.stdout, stderr: `${said.stderr}${why}` });
    const child = launch(program, args, { cwd, detached: true, stdio: [...stdio] }, (error) =>
      end(undefined, `${program} cannot be started (${codeOf(error) ?? error.message})`),
    );
    if (!child) return;
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        if (said[name].length < MAX_CHARACTERS) said[name] += chunk;
      });
    const giveUp = () => {
      attempt(() => process.kill(-(child.pid as number), 'SIGKILL'));
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      end(undefined, `\n${program}: no answer within ${timeoutMs} ms`);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      end(code ?? undefined, signal === null ? '' : `\n${program}: ${signal}`);
    });
  });
}

/** Paths for command lines: as many at a time as surely fit on one. */
export function* batches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let left = MAX_BYTES;
  for (const path of paths) {
    const bytes = Buffer.byteLength(path) + 1;
    if (bytes > left && batch.length > 0) {
      yield batch;
      [batch, left] = [[], MAX_BYTES];
    }
    batch.push(path);
    left -= bytes;
  }
  if (batch.length > 0) yield batch;
}

const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
const MAX_CHARACTERS = 256 * 1024;
