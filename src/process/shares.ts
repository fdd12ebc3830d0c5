// Paths for the command lines of other programs.

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

const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
