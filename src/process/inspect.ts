// What one process has to do with the directories watched: its TMPDIR, and what it has open there.
import { attempt, fs, quietly, readAtOnce, readProc } from '../fs.js';
import { isWithin } from '../root/layout.js';
import { eachPiece, namesIn } from './by-pieces.js';
import { isDead, readStat } from './identity.js';
import { isDirectoryDescriptor, isOurCommand } from './own-look.js';
import type { ProcessStat } from './process-stat.js';
import type { SeenSessions } from './session-mounts.js';
import type { BoundSockets } from './unix-sockets.js';
import { type Hold, prefixes, type Watch, watchedDir } from './watch.js';

export interface ProcessFacts extends ProcessStat {
  readonly args: readonly string[];
  /** Its environment and descriptors could be read. */
  readable: boolean;
  /** Value of TMPDIR at its exec. */
  tmpdir?: string | undefined;
  holds: Hold[];
  /** It lives in a user namespace above ours: not readable, and no descendant of anybody here. */
  isAbove?: boolean;
  /** Its environment is empty or cannot be read: perhaps only for the moment of an exec. */
  mayBeInExec?: boolean;
  /** TMPDIR and everything open lie outside all that is watched. */
  isUninvolved?: boolean;
}

/** What does not change during one look. */
export interface Look {
  watch: Watch;
  /** `prefixes(watch)`, each with a slash behind it. */
  needles: string[];
  sockets: BoundSockets;
  seen: SeenSessions;
  ownUid: number;
}

/** Facts about a process: its stat alone when it is not ours to look into. Yields after each piece of it. */
export function* inspect(stat: ProcessStat, look: Look): Generator<undefined, ProcessFacts> {
  const { pid, thread = pid } = stat;
  if (!isOurs(stat, look.ownUid)) return { ...stat, args: [], readable: true, holds: [], isUninvolved: true };
  // Twice: in the middle of an exec even a program that hides nothing cannot be read for a moment.
  const { environ, fds } = (yield* lookInside(thread)) ?? (yield* lookInside(thread)) ?? {};
  const tmpdir = environ === undefined ? undefined : variable(environ, 'TMPDIR');
  const holds = [...look.seen(thread), ...(fds ? yield* findHolds(thread, fds, look) : [])];
  const hasTmpdirHere =
    tmpdir !== undefined && prefixes(look.watch).some((prefix) => isWithin(prefix, tmpdir));
  return {
    ...stat,
    get args() {
      return readArgs(thread);
    },
    readable: fds !== undefined || isLeaving(pid),
    ...(fds === undefined && isAbove(thread, look.ownUid) ? { isAbove: true } : {}),
    ...(environ ? {} : { mayBeInExec: true }),
    tmpdir,
    holds,
    isUninvolved: holds.length === 0 && !hasTmpdirHere,
  };
}

/** Whose child it is, and its TMPDIR where it began after `since`: nothing of what it has open is read. */
export function descentOf(stat: ProcessStat, since: number, ownUid: number): ProcessFacts {
  const { pid, thread = pid } = stat;
  const environ =
    stat.startTime >= since && isOurs(stat, ownUid)
      ? (readEnviron(thread) ?? readEnviron(thread)) // twice: see above
      : undefined;
  return {
    ...stat,
    get args() {
      return readArgs(thread);
    },
    readable: true,
    tmpdir: environ === undefined ? undefined : variable(environ, 'TMPDIR'),
    holds: [],
  };
}

/** Another process of ours. */
function isOurs({ pid, thread = pid, isKernelThread }: ProcessStat, ownUid: number): boolean {
  if (pid === process.pid || isKernelThread) return false;
  // The directory's owner is the effective uid whether or not its files can be read (task_dump_owner,
  // fs/proc/base.c).
  return attempt(() => fs.statSync(`/proc/${thread}`, { throwIfNoEntry: false }))?.uid === ownUid;
}

/**
 * Its user namespace forbids it, nothing else: files of a process that forbids to be looked at by itself
 * belong to root, those of one with another group to that (task_dump_owner, fs/proc/base.c; ptrace(2)).
 * Nobody is above the first namespace.
 */
function isAbove(pid: number, ownUid: number): boolean {
  const stat = attempt(() => fs.statSync(`/proc/${pid}/environ`));
  if (stat?.uid !== ownUid || stat.gid !== process.getgid?.()) return false;
  return !FIRST_MAP.test(attempt(() => fs.readFileSync('/proc/self/uid_map', 'utf8')) ?? '');
}

const FIRST_MAP = /^\s*0\s+0\s+4294967295\s*$/;

/** What the process has: by a thread of it that lives, as all that follows here. */
function* lookInside(pid: number): Generator<undefined, { environ: string; fds: string[] } | undefined> {
  const environ = readEnviron(pid);
  if (environ === undefined) return undefined;
  const fds = yield* namesIn(`/proc/${pid}/fd`);
  return fds && { environ, fds };
}

const readEnviron = (pid: number): string | undefined => readAtOnce(`/proc/${pid}/environ`);

/** Gone meanwhile, a zombie, or so far on its way out that its memory is gone already: nothing is hidden. */
function isLeaving(pid: number): boolean {
  const stat = readStat(pid);
  return !stat || isDead(stat) || stat.isExiting === true;
}

/** Asked of few: only names of members are compared with the spared programs. */
const readArgs = (pid: number): string[] => (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);

function* findHolds(
  pid: number,
  fds: string[],
  { watch, needles, sockets }: Look,
): Generator<undefined, Hold[]> {
  const holds: Hold[] = [];
  // Nothing elsewhere is asked about: on a network's file system that may fail, or never come back.
  const add = (what: Hold['what'], path: string, link?: string) => {
    const dir = watchedDir(watch, path);
    if (dir !== undefined && !(link && isUnlinked(link, path))) holds.push({ dir, what, path });
  };
  for (const fd of fds) {
    const link = `/proc/${pid}/fd/${fd}`;
    const target = attempt(() => fs.readlinkSync(link));
    if (target?.startsWith('socket:[')) holds.push(...(yield* sockets.claim(pid, target.slice(8, -1))));
    else if (target?.startsWith('/') && !(watchedDir(watch, target) && isOwnLook(pid, fd)))
      add('file', target, link);
    yield;
  }
  for (const [name, what] of LINKS) {
    const link = `/proc/${pid}/${name}`;
    const target = attempt(() => fs.readlinkSync(link));
    if (target && !(what === 'cwd' && watchedDir(watch, target) && isOurCommand(readArgs(pid))))
      add(what, target, link);
  }
  const mapped = new Set<string>();
  yield* eachPiece(`/proc/${pid}/maps`, (lines) => {
    if (needles.some((needle) => lines.includes(needle)))
      for (const path of mappedPaths(lines)) mapped.add(path);
  });
  for (const path of mapped) add('mapping', path);
  return holds;
}

/** Somebody of us looks through it. */
const isOwnLook = (pid: number, fd: string): boolean =>
  isOurCommand(readArgs(pid)) && isDirectoryDescriptor(pid, fd);

/** A removed file that is still open loses nothing when its directory goes. */
const isUnlinked = (link: string, target: string): boolean =>
  target.endsWith(' (deleted)') && quietly(() => fs.statSync(link))?.nlink === 0;

/** Sixth column of /proc/PID/maps, without the files already removed. */
const mappedPaths = (lines: string): string[] =>
  lines
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => path.startsWith('/') && !path.endsWith(' (deleted)'));

/** Value of a variable in a NUL-separated environment; the first one counts, as getenv(3) has it. */
export function variable(environ: string, name: string): string | undefined {
  const isFirst = environ.startsWith(`${name}=`);
  const at = isFirst ? 0 : environ.indexOf(`\0${name}=`) + 1;
  if (at === 0 && !isFirst) return undefined;
  const end = environ.indexOf('\0', at);
  return environ.slice(at + name.length + 1, end < 0 ? undefined : end);
}

const LINKS = [
  ['cwd', 'cwd'],
  ['root', 'root'],
  ['exe', 'program'],
] as const;
