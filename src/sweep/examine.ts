// Looks through a unit: has anything been used lately, is there anything that is never swept? Stops at the
// first answer. Only lstat and readdir: nothing found here is opened or executed, and the times of files do
// not move by it.
import { turns } from '../clock.js';
import { attempt, codeOf, fs } from '../fs.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { type FileTimes, lastChange, lastUse, type ReadsNoted, readsNotedAt } from './last-use.js';
import { BARE, bareRepository, isOfRepository } from './repositories.js';

export interface Examination {
  /** Why it has to stay; undefined when all of it is old and harmless. */
  reason?: 'fresh' | 'socket-or-device' | 'lock' | 'repository' | 'unreadable' | 'gone' | 'no-time';
  /** What removing it would free; of what was seen, where there is a reason. */
  bytes: number;
  entries: number;
  /**
   * When a file in it was used at the latest, ms since 1970; of an empty one, when it changed. Of what was
   * seen.
   */
  newestAt: number;
}

export interface ExamineOptions {
  /** ms since 1970 */
  freshAfter: number;
  /**
   * It was renamed just now: that moved the ctime of the unit itself, and directories of an empty one tell
   * nothing.
   */
  isMoved?: boolean;
  /** The clock, ms since 1970. */
  now?: number;
  /** How reads are noted there. */
  noted?: ReadsNoted;
  /** Give up then, with the reason `no-time` (performance.now()). */
  until?: number;
}

/** Examines what is at `path`. When a file was used, last-use.ts says. */
export async function examine(
  path: string,
  {
    freshAfter,
    isMoved = false,
    now = Date.now(),
    noted = readsNotedAt(path),
    until = Infinity,
  }: ExamineOptions,
): Promise<Examination> {
  const sum: Sum = {
    freed: reclaimable(),
    entries: 0,
    newestFile: 0,
    newestDirectory: 0,
    lastUseOf: (times) => lastUse(times, noted, now),
    lastChangeOf: (times) => lastChange(times, now),
    isMoved,
  };
  const pending: Buffer[] = [Buffer.from(path)];
  const turn = turns();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const reason = look(next, sum, pending, freshAfter);
    const outcome = reason ?? (performance.now() > until ? 'no-time' : undefined);
    if (outcome) return { reason: outcome, ...tell(sum) };
    if (turn.isOver()) await turn.pass();
  }
  // Without a single file, the directories' own times have to do; not their atime, our reading moves that.
  const isFresh = !isMoved && sum.newestFile === 0 && sum.newestDirectory > freshAfter;
  return { ...(isFresh ? { reason: 'fresh' } : {}), ...tell(sum) };
}

/** `.lock`, `x.lock`, `.X0-lock`; not `clock`. */
export const isLock = (name: string): boolean => /(^|[^a-z])lock(file)?$/i.test(name);

const tell = ({ freed, entries, newestFile, newestDirectory }: Sum) => ({
  bytes: freed.bytes,
  entries,
  newestAt: newestFile || newestDirectory,
});

interface Sum {
  freed: Reclaimable;
  entries: number;
  /** 0 as long as there is none. */
  newestFile: number;
  newestDirectory: number;
  lastUseOf: (times: FileTimes) => number;
  lastChangeOf: (times: FileTimes) => number;
  isMoved: boolean;
}

function look(
  path: Buffer,
  sum: Sum,
  pending: Buffer[],
  freshAfter: number,
): Examination['reason'] | undefined {
  let stat: ReturnType<typeof fs.lstatSync>;
  try {
    stat = fs.lstatSync(path);
  } catch (error) {
    // Gone below the top is somebody at work here.
    return codeOf(error) === 'ENOENT' ? (sum.entries === 0 ? 'gone' : 'fresh') : 'unreadable';
  }
  if (!stat) return 'gone';
  sum.entries += 1;
  sum.freed.add(stat);
  const name = path.subarray(path.lastIndexOf(SLASH) + 1).toString('latin1');
  if (isOfRepository(name)) return 'repository';
  if (isLock(name)) return 'lock';
  if (stat.isDirectory()) return addEntries(path, stat, sum, pending);
  if (!stat.isFile() && !stat.isSymbolicLink()) return 'socket-or-device';
  const ctimeMs = sum.isMoved && sum.entries === 1 ? 0 : stat.ctimeMs;
  const usedAt = sum.lastUseOf({ atimeMs: stat.atimeMs, mtimeMs: stat.mtimeMs, ctimeMs });
  sum.newestFile = Math.max(sum.newestFile, usedAt);
  return usedAt > freshAfter ? 'fresh' : undefined;
}

function addEntries(
  path: Buffer,
  stat: FileTimes,
  sum: Sum,
  pending: Buffer[],
): Examination['reason'] | undefined {
  sum.newestDirectory = Math.max(sum.newestDirectory, sum.lastChangeOf(stat));
  const names = attempt(() => fs.readdirSync(path, { encoding: 'buffer' }));
  if (!names) return 'unreadable';
  const isBare = bareRepository();
  let isOne = false;
  for (const name of names) {
    isOne ||= name.length <= LONGEST_OF_BARE && isBare(name.toString('latin1'));
    pending.push(Buffer.concat([path, SLASH_BYTES, name]));
  }
  return isOne ? 'repository' : undefined;
}

const LONGEST_OF_BARE = Math.max(...BARE.map((name) => name.length));
const SLASH = 0x2f;
const SLASH_BYTES = Buffer.from('/');
