// How long directories are swapped for links while somebody works there, and how often they were.
import type { Running } from '../../helpers/cli.js';
import { sized } from '../../helpers/conformance.js';

export const MS = sized({ fast: 1_500, full: 60_000 });
/** On a slow machine it takes longer until anything was swapped at all, but not for ever. */
const LONGEST_WAIT_MS = 120_000;

/** What `swap-directories.mjs` said last, of all of them. */
export const swapsOf = (swappers: readonly Running[]): number =>
  swappers.map(({ stdout }) => Number(/.*swaps (\d+) /s.exec(stdout())?.[1] ?? 0)).reduce((a, b) => a + b);

/** Gives whether time is up, which it is not before `isSeen`. */
export function timeFor(isSeen: () => boolean): () => boolean {
  const until = performance.now() + MS;
  return () => performance.now() > until && (isSeen() || performance.now() > until + LONGEST_WAIT_MS);
}
