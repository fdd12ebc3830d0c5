// Who a process is: a pid alone names whoever has that number now. Pid and start time name one process since
// boot, boot id and pid namespace say which processes the number speaks of (proc_pid_stat(5), random(4),
// pid_namespaces(7)).
import { hostname } from 'node:os';
import { attempt, fs, readProc } from '../fs.js';
import { type ProcessStat, parseStat } from './process-stat.js';
import { bareStat, psStat } from './ps.js';

/** Pid and start time. */
export interface ProcessIdentity {
  pid: number;
  startTime: number;
}

/** The realm in which a pid means something. */
export interface Realm {
  bootId: string;
  pidNamespace: string;
  /** Start times are told by its clock (time_namespaces(7)); none where the kernel has no such. */
  timeNamespace?: string;
  host: string;
}

/** State of a process now; undefined when there is none with this pid. */
export function readStat(pid: number): ProcessStat | undefined {
  if (!hasProcfs()) return canAskPs() ? psStat(pid) : bareStat(pid);
  const stat = statIn(`/proc/${pid}`);
  const isLeft = stat && (isDead(stat) || stat.isExiting) && (stat.threads ?? 0) > 1;
  return isLeft ? { ...stat, ...liveThread(pid) } : stat;
}

const statIn = (dir: string): ProcessStat | undefined => parseStat(readProc(`${dir}/stat`) ?? '');

/**
 * The first thread alone has left, as a zombie that nobody can collect: the state of another one is that of
 * the process.
 */
function liveThread(pid: number): Pick<ProcessStat, 'state' | 'isExiting' | 'thread'> | undefined {
  for (const tid of attempt(() => fs.readdirSync(`/proc/${pid}/task`)) ?? []) {
    const stat = statIn(`/proc/${pid}/task/${tid}`);
    if (stat && !isDead(stat) && !stat.isExiting)
      return { state: stat.state, isExiting: false, thread: Number(tid) };
  }
  return undefined;
}

/** Identity of a living process; undefined when it is gone, or none of its threads lives. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && !isDead(stat) ? { pid: stat.pid, startTime: stat.startTime } : undefined;
}

/**
 * This very process is still there: same pid, same start time, a thread that lives. A stopped process is
 * alive.
 */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const now = identify(pid);
  if (!now) return false;
  // Without procfs a start time may be unknown (0): whoever has the pid counts, doubt keeps.
  return now.startTime === startTime || (!hasProcfs() && (now.startTime === 0 || startTime === 0));
}

/**
 * `hidden`: somebody has this pid, and procfs does not show us who (`hidepid`, or a server that called
 * setuid).
 */
export type Life = 'alive' | 'dead' | 'hidden';

/** Whether this very process is there, as far as it can be told. */
export function lifeOf(identity: ProcessIdentity): Life {
  if (isAlive(identity)) return 'alive';
  if (!readStat(identity.pid)) return isPidTaken(identity.pid) ? 'hidden' : 'dead';
  return isAlive(identity) ? 'alive' : 'dead'; // on its way out a hidden one comes into sight
}

/** kill(2) sees whom procfs hides. */
export const isPidTaken = (pid: number): boolean => bareStat(pid) !== undefined;

export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';

/** Our own realm. */
export function ownRealm(): Realm {
  const bootId = attempt(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))?.trim() ?? '';
  const timeNamespace = namespaceOf('time');
  return {
    bootId,
    pidNamespace: namespaceOf('pid'),
    ...(timeNamespace === '' ? {} : { timeNamespace }),
    host: hostname(),
  };
}

const namespaceOf = (kind: string): string =>
  /\d+/.exec(attempt(() => fs.readlinkSync(`/proc/self/ns/${kind}`)) ?? '')?.[0] ?? '';

/**
 * One that tells of us: that of another pid namespace gives numbers by which kill(2) here would reach
 * somebody else.
 */
export const hasProcfs = (): boolean => {
  procfs ??= selfInProcfs() === String(process.pid);
  return procfs;
};
let procfs: boolean | undefined;

/**
 * Not where procfs is that of another pid namespace: ps reads it too, and names children that are strangers
 * here.
 */
export const canAskPs = (): boolean => [undefined, String(process.pid)].includes(selfInProcfs());

const selfInProcfs = (): string | undefined => attempt(() => fs.readlinkSync('/proc/self'));
