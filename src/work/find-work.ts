// Finds what is in a session's TMPDIR and is not temp: git worktrees, and repositories that have some
// outside. Only looked at: nothing found is executed, git included, no file is written, and a mount of a
// server that may be dead is never asked.
import { monotonicMs } from '../clock.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { isMissing, paceUntil } from '../tree/directory.js';
import { openTree, type Tree } from '../tree/open-tree.js';
import { asText, bytesOf, join, rawPath } from '../tree/raw-path.js';
import { hangingMounts } from './place.js';
import { type Found, type Search, searchIn } from './search.js';
import type { FoundWork, Work } from './work.js';

export interface FindOptions {
  /** Give up then (`monotonicMs()`); by default after five minutes. */
  until?: number;
  mounts?: readonly Mount[];
}

/**
 * What in the TMPDIR is work. `isPartial` means that it cannot be told: there may be more. What is mounted
 * in it is not looked at, nor what lies in work that was found. Never throws the system's errors.
 */
export async function findWork(
  tmpdir: string,
  { until = monotonicMs() + MOST_MS, mounts = readMounts() }: FindOptions = {},
): Promise<FoundWork> {
  try {
    const tree = openTree(rawPath(tmpdir), mounts);
    try {
      const search = newSearch(tree, mounts, until);
      await searchIn(tree, search);
      return result(tmpdir, search);
    } finally {
      tree.close();
    }
  } catch (error) {
    return isMissing(error) ? { work: [], isPartial: false } : { work: [], isPartial: true, unseen: tmpdir };
  }
}

const newSearch = ({ path, stat }: Tree, mounts: readonly Mount[], until: number): Search => ({
  top: { path, dev: stat.dev, ino: stat.ino },
  mayHang: hangingMounts(mounts, path),
  pace: paceUntil(until),
  found: [],
  inside: [],
  unseen: undefined,
});

function result(tmpdir: string, { found, unseen }: Search): FoundWork {
  const work = found.map((one) => asWork(tmpdir, one));
  if (unseen === undefined) return { work, isPartial: false };
  return { work, isPartial: true, unseen: asText(join(rawPath(tmpdir), unseen)) };
}

function asWork(tmpdir: string, { path, judged }: Found): Work {
  const whole = join(rawPath(tmpdir), path);
  return { path: asText(whole), bytes: bytesOf(whole), ...judged };
}

const MOST_MS = 5 * 60_000; // what is not seen by then stays
