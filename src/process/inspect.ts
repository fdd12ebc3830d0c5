// What one process has to do with the directories watched: its TMPDIR, and what it has open there.
import { isDeepStrictEqual } from 'node:util';
import { attempt, fs } from '../fs.js';
import { isDead, readStat } from './identity.js';
import { within } from './meter.js';
import { findHolds, type Look, type Opened } from './open-files.js';
import { isOutside } from './outside.js';
import type { ProcessStat } from './process-stat.js';
import { entriesOf, fieldOf, linkOf, readArgs, readEnviron } from './procfs.js';
import type { Door } from './unix-sockets.js';
import { type Variables, variablesIn } from './variables.js';
import type { Hold } from './watch.js';

export interface ProcessFacts extends ProcessStat {
  readonly args: readonly string[];
  /** Its program; undefined where that cannot be read. */
  readonly exe?: string | undefined;
  readonly cwd?: string | undefined;
  /** Its real uid is ours, though it runs as another user: setuid (credentials(7)). */
  readonly isRealOwn?: boolean | undefined;
  /** It runs as another user, or is the kernel's. */
  isOthers?: boolean;
  /** Its environment and descriptors could be read. */
  readable: boolean;
  /** It could not, since it runs outside of our user namespace or sandbox. */
  isOutside?: boolean;
  /** Of its environment at its exec; none where that cannot be read. */
  variables?: Variables | undefined;
  holds: Hold[];
  /** It has something open so deep that nobody can tell where. */
  isDeep?: boolean;
  /** By which sockets others reach it; undefined where nothing is known. */
  doors?: readonly Door[];
  /** Its environment is empty or cannot be read: perhaps only for the moment of an exec. */
  mayBeInExec?: boolean;
  /** TMPDIR and everything open lie outside all that is watched: all of it was read. */
  isUninvolved?: boolean;
}

/** Facts about a process: few where we may not read it. Yields after each piece. */
export function* inspect(stat: ProcessStat, look: Look): Generator<undefined, ProcessFacts> {
  const { pid, thread = pid } = stat;
  if (!isOurs(stat, look.ownUid)) return notOurs(stat, look);
  const { meter } = look;
  // Twice: in the middle of an exec even a program that hides nothing cannot be read for a moment.
  const { environ, fds } = (yield* lookInside(thread, look)) ?? (yield* lookInside(thread, look)) ?? {};
  const variables = variablesIn(environ);
  const opened: Opened = { holds: new Map(), doors: new Map() };
  if (fds) yield* within(meter, findHolds({ pid, thread, fds, threads: stat.threads }, look, opened));
  meter.note(`${stat.comm} (${pid})`);
  const holds = [...look.mounts.seen(thread), ...opened.holds.values()];
  const areDoorsKnown = fds && !meter.isSpent() && meter.areFew(opened.doors.size);
  const readable = fds !== undefined || isLeaving(pid);
  return named(stat, {
    readable,
    ...(!readable && isOutside(thread) ? { isOutside: true } : {}),
    ...(environ ? {} : { mayBeInExec: true }),
    variables,
    holds,
    ...(areDoorsKnown ? { doors: [...opened.doors.values()] } : {}),
    ...(opened.isDeep ? { isDeep: true } : {}),
    isUninvolved: !meter.isSpent() && !opened.isDeep && holds.length === 0 && !isOfSession(variables, look),
  });
}

/**
 * Whose child it is, and its variables where it began after `since`: nothing of what it has open is read. Nor
 * are its variables again, where it has not called exec since an `earlier` look.
 */
export function descentOf(
  stat: ProcessStat,
  since: number,
  ownUid: number,
  earlier: ProcessFacts | undefined,
): ProcessFacts {
  if (earlier && isSameProgram(stat, earlier))
    return named(stat, { readable: true, variables: earlier.variables, holds: [] });
  const { pid, thread = pid } = stat;
  const isLookedInto = stat.startTime >= since && isOurs(stat, ownUid);
  const environ = isLookedInto ? (readEnviron(thread) ?? readEnviron(thread)) : undefined; // twice: see above
  return named(stat, { readable: true, variables: variablesIn(environ), holds: [] });
}

const isSameProgram = (now: ProcessStat, earlier: ProcessStat): boolean =>
  Boolean(now.environAt) && now.environAt === earlier.environAt && now.startTime === earlier.startTime;

/** Since the look it became another program, with other variables (execve(2)). */
export function hasOtherVariables({ pid, thread = pid, variables, mayBeInExec }: ProcessFacts): boolean {
  if (!variables && !mayBeInExec) return false;
  const now = variablesIn(readEnviron(thread));
  return now !== undefined && !isDeepStrictEqual(now, variables);
}

/** Asked of few, read when they are. On a prototype: four properties for each cost more than its stat. */
const LATER: ThisType<ProcessFacts> & Pick<ProcessFacts, Later> = {
  get args() {
    const value = readArgs(this.thread ?? this.pid);
    Object.defineProperty(this, 'args', { value }); // asked by every rule
    return value;
  },
  get exe() {
    return linkOf(this.thread ?? this.pid, 'exe');
  },
  get cwd() {
    return linkOf(this.thread ?? this.pid, 'cwd');
  },
  get isRealOwn() {
    return Number.parseInt(fieldOf(`/proc/${this.pid}/status`, 'Uid') ?? '', 10) === process.getuid?.();
  },
};
type Later = 'args' | 'exe' | 'cwd' | 'isRealOwn';
const named = (stat: ProcessStat, more: Omit<ProcessFacts, Later | keyof ProcessStat>): ProcessFacts =>
  ({ __proto__: LATER, ...stat, ...more }) as unknown as ProcessFacts;

/** We ourselves, the kernel's, or another user's: root may see in which session that was started. */
function notOurs(stat: ProcessStat, { ownUid }: Look): ProcessFacts {
  const { pid, thread = pid, isKernelThread } = stat;
  const isOthers = pid !== process.pid;
  const isSeen = ownUid === 0 && !isKernelThread && isOthers;
  const variables = isSeen ? variablesIn(readEnviron(thread)) : undefined;
  return named(stat, { isOthers, readable: true, variables, holds: [], isUninvolved: true });
}

const isOfSession = (variables: Variables | undefined, { needles }: Look): boolean =>
  variables?.sessionId !== undefined || needles.some((needle) => `${variables?.tmpdir}/`.startsWith(needle));

/** Another process of ours. */
function isOurs({ pid, thread = pid, isKernelThread }: ProcessStat, ownUid: number): boolean {
  if (pid === process.pid || isKernelThread) return false;
  // Owned by the effective uid, whether or not its files can be read (task_dump_owner, fs/proc/base.c).
  return attempt(() => fs.statSync(`/proc/${thread}`, { throwIfNoEntry: false }))?.uid === ownUid;
}

/** By a thread of it that lives. No descriptors where there is no time left. */
type Inside = { environ: string; fds: string[] } | undefined;
function* lookInside(pid: number, { meter }: Look): Generator<undefined, Inside> {
  const environ = readEnviron(pid);
  if (environ === undefined) return undefined;
  const fds = yield* within(meter, entriesOf(`/proc/${pid}/fd`));
  if (meter.isSpent()) return { environ, fds: [] };
  return fds && { environ, fds };
}

/** Gone meanwhile, a zombie, or so far on its way out that its memory is gone already: nothing is hidden. */
function isLeaving(pid: number): boolean {
  const stat = readStat(pid);
  return !stat || isDead(stat) || stat.isExiting === true;
}
