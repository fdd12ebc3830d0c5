// Asks find(1) which units hold something fresh: it goes through a large tree three times as fast as we do, in a process of its own.
// Its answer only ever keeps a unit. What it does not name, also where there is no GNU find, is examined by ourselves.
import { askFind } from '../process/ask-find.js';

/** Those of `units` with a file used after `freshAfter`, ms since 1970. */
export async function freshUnits(units: readonly string[], freshAfter: number): Promise<Set<string>> {
  const after = `@${Math.ceil(freshAfter / 1_000)}`; // never before: what it names is fresh to us too
  const isUsed = ['-newerct', after, '-o', '-newermt', after, '-o', '-newerat', after];
  const fresh = new Set<string>();
  const expression = ['!', '-type', 'd', '(', ...isUsed, ')', '-printf', '%H\\0'];
  await askFind({ starts: units, expression, end: '\0' }, (unit) => fresh.add(unit));
  return fresh;
}
