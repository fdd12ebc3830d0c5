// Work shared with other programs: how many of them side by side (what the kernel does for one keeps one
// processor busy), how many paths each is told at a time, and what is done sooner by ourselves.
import { availableParallelism } from 'node:os';

/** Two where there are two processors. More would wait for each other's directories and for the journal. */
export const sideBySide = (): number => Math.min(2, availableParallelism());

/**
 * Until when (performance.now()) we do ourselves what has to be done for each of `count` trees: a few small
 * ones are done sooner than another process is started.
 */
export const aloneUntil = (count: number): number => (count < MANY ? performance.now() + ALONE_MS : 0);

/** `items` in at most `parts` lists of about the same length, in order; none is empty. */
export function portions<T>(items: readonly T[], parts: number): T[][] {
  const length = Math.ceil(items.length / parts);
  return Array.from({ length: parts }, (_, at) => items.slice(at * length, (at + 1) * length)).filter(
    (part) => part.length > 0,
  );
}

/** As many at a time as surely fit on a command line. */
export function* batches(paths: readonly string[]): Generator<string[]> {
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

const MANY = 100;
const ALONE_MS = 10;
const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
