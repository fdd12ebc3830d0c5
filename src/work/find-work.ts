// Finds what is in a session's TMPDIR and is not temp: git worktrees, and repositories that have some
// outside. Only looked at: nothing found is executed, git included, no file is written, and a mount of a
// server that may be dead is never asked.
import { fs, quietly } from '../fs.js';
import { type Mount, mountsUnder, readMounts } from '../root/mounts.js';
import { type OpenDirectory, openDirectory, paceUntil } from './directory.js';
import { hangingMounts, isMissing } from './place.js';
import { asText, bytesOf, join, type RawPath, rawPath } from './raw-path.js';
import { type Found, type Search, searchIn } from './search.js';
import type { FoundWork, Work } from './work.js';

export interface FindOptions {
  /** Give up then (`monotonicMs()`). */
  until?: number;
  mounts?: readonly Mount[];
}

/**
 * What in the TMPDIR is work. `isPartial` means that it cannot be told: there may be more. What is mounted
 * in it is not looked
 * at, nor what lies in work that was found. Never throws the system's errors.
 */
export async function findWork(
  tmpdir: string,
  { until = Number.POSITIVE_INFINITY, mounts = readMounts() }: FindOptions = {},
): Promise<FoundWork> {
  try {
    const top = openDirectory(rawPath(tmpdir));
    try {
      const search = newSearch(top, tmpdir, mounts, until);
      await searchIn(`${top.base}/.`, search);
      return result(tmpdir, search);
    } finally {
      top.close();
    }
  } catch (error) {
    return isMissing(error) ? { work: [], isPartial: false } : { work: [], isPartial: true, unseen: tmpdir };
  }
}

function newSearch(top: OpenDirectory, tmpdir: string, mounts: readonly Mount[], until: number): Search {
  const { dev, ino } = top.stat;
  const path = realPath(top, tmpdir);
  return {
    top: { path, dev, ino },
    mayHang: hangingMounts(mounts, path),
    isMount: mountsIn(path, mounts),
    pace: paceUntil(until),
    found: [],
    inside: [],
    unseen: undefined,
  };
}

/** Without links, as the table of mounts has it. */
const realPath = ({ base }: OpenDirectory, tmpdir: string): RawPath =>
  quietly(() => fs.readlinkSync(base, 'latin1')) ?? fs.realpathSync(tmpdir, 'latin1');

/** Undefined where nothing is mounted below `dir`: then no path has to be looked up. */
function mountsIn(dir: RawPath, mounts: readonly Mount[]): Search['isMount'] {
  const text = asText(dir);
  const points = new Set(mountsUnder(text, mounts).filter((point) => point !== text));
  return points.size === 0 ? undefined : (path) => points.has(asText(join(dir, path)));
}

function result(tmpdir: string, { found, unseen }: Search): FoundWork {
  const work = found.map((one) => asWork(tmpdir, one));
  if (unseen === undefined) return { work, isPartial: false };
  return { work, isPartial: true, unseen: asText(join(rawPath(tmpdir), unseen)) };
}

function asWork(tmpdir: string, { path, judged }: Found): Work {
  const whole = join(rawPath(tmpdir), path);
  return { path: asText(whole), bytes: bytesOf(whole), ...judged };
}
