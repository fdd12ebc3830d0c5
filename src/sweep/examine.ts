// Examines a unit: was anything in it used lately, is there anything that is never swept? Stops at the first
// reason to stay. Only lstat and readdir: no file is opened, and no time of a file moves.
import { basename } from 'node:path';
import { monotonicMs } from '../clock.js';
import { fs, type Stats, whileOpen } from '../fs.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Mount } from '../root/mounts.js';
import { isMissing, paceUntil } from '../tree/directory.js';
import { type FileTimes, lastChange, lastUse, type ReadsNoted, readsNotedAt } from '../tree/last-use.js';
import { openTree } from '../tree/open-tree.js';
import { forSystem, rawPath } from '../tree/raw-path.js';
import { reclaimable, type Size } from '../tree/reclaimable.js';
import type { Visitor } from '../tree/visitor.js';
import { walk } from '../tree/walk.js';
import { bareRepository, isOfRepository } from './repositories.js';

/** Its size is of what was seen, where there is a reason. */
export interface Examination extends Size {
  /** Why it has to stay; undefined when all of it is old and harmless. */
  reason?: 'fresh' | 'socket-or-device' | 'lock' | 'repository' | 'unreadable' | 'gone' | 'no-time';
  /**
   * When a file in it, of those seen, was last used, ms since 1970. Of one without files: when it changed.
   */
  newestAt: number;
}

export interface ExamineOptions {
  /** What was used since is fresh; never below one hour. */
  maxAgeMs: number;
  /** It was renamed just now: so the ctime of the unit and the times of its directories say nothing. */
  isMoved?: boolean;
  /** The clock, ms since 1970. */
  now?: number;
  mounts?: readonly Mount[];
  /** How its file system notes reads. */
  noted?: ReadsNoted;
  /** Give up then, with the reason `no-time` (`monotonicMs()`); by default after a minute. */
  until?: number | undefined;
}

/** Examines what is at `path`. When a file was used, last-use.ts says. */
export async function examine(path: string, options: ExamineOptions): Promise<Examination> {
  const { isMoved = false, mounts, until = monotonicMs() + MOST_MS } = options;
  const seen = examiner(path, options);
  let isThere = false;
  try {
    const stat = fs.lstatSync(path);
    isThere = true;
    if (stat.isDirectory()) await examineTree();
    else {
      const { atimeMs, mtimeMs, ctimeMs } = stat;
      seen.see(basename(path), stat, { atimeMs, mtimeMs, ctimeMs: isMoved ? 0 : ctimeMs });
    }
  } catch (error) {
    // What vanishes after we saw it is in use.
    seen.stay(!isMissing(error) ? 'unreadable' : isThere ? 'fresh' : 'gone');
  }
  return seen.result();

  async function examineTree(): Promise<void> {
    const { stoppedAt } = await whileOpen(openTree(rawPath(path), mounts), (tree) =>
      walk(tree, { ...seen.visitor, pace: paceUntil(until) }),
    );
    if (stoppedAt !== undefined) seen.stay(monotonicMs() > until ? 'no-time' : 'fresh');
  }
}

/** `.lock`, `x.lock`, `.X0-lock`; not `clock`. */
const isLock = (name: string): boolean => /(^|[^a-z])lock(file)?$/i.test(name);

/** What is seen, added up, and the first reason to stay. */
function examiner(path: string, options: ExamineOptions) {
  const { isMoved, now = Date.now(), mounts } = options;
  const freshAfter = now - Math.max(options.maxAgeMs, MIN_MAX_AGE_MS);
  let { noted } = options;
  let reason: Examination['reason'];
  let [newestFile, newestDirectory] = [0, 0];
  const freed = reclaimable();
  /** One for each directory on the way: do the names in it make it a bare repository? */
  const areBare: ReturnType<typeof bareRepository>[] = [];
  const stay = (why: NonNullable<Examination['reason']>) => {
    reason ??= why;
  };
  const see = (name: string, stat: Stats, times: FileTimes = stat) => {
    freed.add(stat);
    if (isOfRepository(name) || areBare.at(-1)?.(name)) stay('repository');
    if (isLock(name)) stay('lock');
    if (stat.isDirectory()) newestDirectory = Math.max(newestDirectory, lastChange(stat, now));
    else if (!stat.isFile() && !stat.isSymbolicLink()) stay('socket-or-device');
    else {
      noted ??= readsNotedAt(path, mounts);
      newestFile = Math.max(newestFile, lastUse(times, noted, now));
    }
    if (newestFile > freshAfter) stay('fresh');
  };
  const unseen = (error: unknown) => stay(isMissing(error) ? 'fresh' : 'unreadable');
  const visitor: Visitor = {
    isOver: () => reason !== undefined,
    enter: ({ name, stat }) => {
      see(name || basename(path), stat);
      areBare.push(bareRepository());
    },
    leave: () => areBare.pop(),
    entry: ({ base }, name) => {
      try {
        see(name, fs.lstatSync(forSystem(`${base}/${name}`)));
      } catch (error) {
        unseen(error);
      }
    },
    refused: unseen,
  };
  const result = (): Examination => {
    // Without files the times of the directories count; not their atime, which our reading moves.
    if (!isMoved && newestFile === 0 && newestDirectory > freshAfter) stay('fresh');
    const newestAt = newestFile || newestDirectory;
    return { ...(reason && { reason }), ...freed.size(), newestAt };
  };
  return { see, stay, visitor, result };
}

const MOST_MS = 60_000; // somebody may add to it all the time
