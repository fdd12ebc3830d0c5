// find(1), for what it does many times as fast as we do: going through large trees, in a process of its own.
import { bareEnv } from './bare-env.js';
import { launch } from './launch.js';

export interface Search {
  /** Where it begins, as often as command lines have to be filled. Absolute paths. */
  starts: readonly string[];
  /** What it does there. */
  expression: readonly string[];
  /** What each record that it prints ends with. */
  end: string;
}

/** Calls `tell` with each record that `find` prints. Resolves when it is through, or cannot be started. */
export async function askFind(
  { starts, expression, end }: Search,
  tell: (record: string) => void,
): Promise<void> {
  for (const batch of batches(starts)) await runFind(['-P', ...batch, ...expression], end, tell);
}

function runFind(args: readonly string[], end: string, tell: (record: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const options = { cwd: '/', detached: true, env: bareEnv({ LC_ALL: 'C' }) } as const;
    const child = launch('find', args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }, () => resolve());
    let rest = '';
    child?.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const records = (rest + chunk).split(end);
      rest = records.pop() ?? '';
      records.forEach(tell);
    });
    child?.on('close', () => resolve());
  });
}

/** As many at a time as surely fit on a command line. */
function* batches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    bytes += Buffer.byteLength(path) + 1;
    if (bytes > MAX_BYTES && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = Buffer.byteLength(path) + 1;
    }
    batch.push(path);
  }
  if (batch.length > 0) yield batch;
}

const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
