// Asks find(1) which units hold something fresh: it goes through a large tree three times as fast as we do, in a process of its own.
// Its answer only ever keeps a unit. What it does not name, also where there is no GNU find, is examined by ourselves.
import { askFind } from '../process/ask-find.js';

/** Those of `units` with a file used after `freshAfter`, ms since 1970. */
export async function freshUnits(units: readonly string[], freshAfter: number): Promise<Set<string>> {
  const fresh = new Set<string>();
  for (const batch of batches(units)) for (const unit of await ask(batch, freshAfter)) fresh.add(unit);
  return fresh;
}

async function ask(units: readonly string[], freshAfter: number): Promise<Set<string>> {
  const after = `@${Math.ceil(freshAfter / 1_000)}`; // never before: what it names is fresh to us too
  const isUsed = ['-newerct', after, '-o', '-newermt', after, '-o', '-newerat', after];
  const fresh = new Set<string>();
  const args = ['-P', ...units, '!', '-type', 'd', '(', ...isUsed, ')', '-printf', '%H\\0'];
  await askFind(args, '\0', (unit) => fresh.add(unit));
  return fresh;
}

/** As many at a time as surely fit on a command line. */
function* batches(units: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const unit of units) {
    bytes += Buffer.byteLength(unit) + 1;
    if (bytes > MAX_BYTES && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = Buffer.byteLength(unit) + 1;
    }
    batch.push(unit);
  }
  if (batch.length > 0) yield batch;
}

const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
