// Walks a session: how much is in it and when it was last used. Times of files only: a directory's atime is
// moved by every reader, ourselves included, and its mtime does not move when something deeper is written.
import { join } from 'node:path';
import { turns } from '../clock.js';
import { fs, quietly } from '../fs.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { type FileTimes, knownUse, lastUse, type ReadsNoted, readsNotedAt } from '../sweep/last-use.js';

export interface Measure {
  /** What removing it would free. */
  bytes: number;
  /** Files and directories below it. */
  entries: number;
  /** When one of its files was used, as its times say, ms since 1970; 0 when there are none. */
  newestAt: number;
  /** The same at the latest: a read may have left no trace. Only where we measured ourselves. */
  lastUseAt?: number;
  /** Time ran out: there is more than that. */
  isPartial: boolean;
}

/**
 * Measures everything below `dir`, yielding to the event loop now and then. What cannot be read is left out.
 * It stops at `until` (as performance.now() has it).
 */
export async function measure(dir: string, { until = Infinity } = {}): Promise<Measure> {
  const top = quietly(() => fs.lstatSync(dir));
  const sum: Sum = {
    entries: 0,
    newestAt: 0,
    lastUseAt: 0,
    isPartial: false,
    freed: reclaimable(),
    device: top?.dev,
    lastUseOf: lastUseIn(dir),
  };
  const pending = top?.isDirectory() ? [Buffer.from(dir)] : [];
  const turn = turns();
  for (let next = pending.pop(); next; next = pending.pop()) {
    addDirectory(next, sum, pending, until);
    if (sum.isPartial) break;
    if (turn.isOver()) await turn.pass();
  }
  const { entries, newestAt, lastUseAt, isPartial, freed } = sum;
  return { bytes: freed.bytes, entries, newestAt, lastUseAt, isPartial };
}

interface Sum extends Required<Omit<Measure, 'bytes'>> {
  freed: Reclaimable;
  /** What is mounted below is another's: removing the tree does not free it. */
  device: number | undefined;
  lastUseOf: (times: FileTimes) => number;
}

/** How reads are noted there is asked when there is a file. */
function lastUseIn(dir: string): (times: FileTimes) => number {
  let noted: ReadsNoted | undefined;
  return (times) => {
    noted ??= readsNotedAt(join(dir, 'file'));
    return lastUse(times, noted, Date.now());
  };
}

function addDirectory(dir: Buffer, sum: Sum, pending: Buffer[], until: number): void {
  for (const name of quietly(() => fs.readdirSync(dir, { encoding: 'buffer' })) ?? []) {
    if (sum.entries % ENTRIES_A_LOOK === 0 && performance.now() > until) {
      sum.isPartial = true;
      return;
    }
    const path = Buffer.concat([dir, SLASH, name]);
    const stat = quietly(() => fs.lstatSync(path));
    if (!stat) continue;
    sum.entries += 1;
    sum.freed.add(stat);
    if (stat.isDirectory()) {
      if (stat.dev === sum.device) pending.push(path);
    } else {
      sum.newestAt = Math.max(sum.newestAt, knownUse(stat, Date.now()));
      sum.lastUseAt = Math.max(sum.lastUseAt, sum.lastUseOf(stat));
    }
  }
}

const SLASH = Buffer.from('/');
const ENTRIES_A_LOOK = 64; // at the clock
