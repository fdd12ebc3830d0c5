// What the conformance suite adds to the tests: how much to try, what came of it as rows of a table, many tries at once.
import { appendFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Scene, scene } from './scene.js';

type Size = 'fast' | 'full' | 'long';

/** `npm test` tries a part, `npm run conformance` all, with `--long` also what takes many minutes. */
export const size = (process.env['CONFORMANCE'] ?? 'fast') as Size;
export const sized = <T>(sizes: { fast: T; full: T; long?: T }): T =>
  size === 'long' ? (sizes.long ?? sizes.full) : sizes[size];

/** A row of a table of docs/evidence/reliability.md; the runner collects them. */
export function row(table: string, cells: readonly (string | number)[]): void {
  const file = process.env['CONFORMANCE_ROWS'];
  if (file) appendFileSync(file, `${JSON.stringify({ table, cells: cells.map(shown) })}\n`);
}

const shown = (cell: string | number): string =>
  typeof cell === 'number' ? cell.toLocaleString('en') : cell;

/** Runs `use` in a scene of its own, which is gone afterwards. */
export async function inScene<T>(use: (here: Scene) => Promise<T>): Promise<T> {
  const undo: (() => void)[] = [];
  try {
    return await use(scene({ after: (action: () => void) => undo.push(action) } as unknown as TestContext));
  } finally {
    for (const action of undo.reverse()) action();
  }
}

/** Does `work` for each item, `limit` at a time; results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  limit = 4,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.map((item, index) => ({ item, index }));
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      results[next.index] = await work(next.item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
