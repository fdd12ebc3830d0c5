// Who a process is: a pid alone names whoever has that number now. Pid and start time name one process since
// boot, boot id and pid namespace say which processes the number speaks of (proc_pid_stat(5), random(4),
// pid_namespaces(7)).
import { hostname } from 'node:os';
import { attempt, fs, readProc } from '../fs.js';
import { once } from '../once.js';
import { type ProcessStat, parseStat } from './process-stat.js';
import { namespaceOf } from './procfs.js';
import { bareStat, psStat } from './ps.js';

export interface ProcessIdentity {
  pid: number;
  startTime: number;
}

/** The realm in which a pid means something. */
export interface Realm {
  bootId: string;
  pidNamespace: string;
  /** Start times count on its clock (time_namespaces(7)); none where the kernel has none. */
  timeNamespace?: string | undefined;
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
 * The first thread has left, as a zombie that nobody can collect: the state of another one is that of the
 * process. One on its way out counts where there is no other: until it is gone the process has its files.
 */
function liveThread(pid: number): Partial<ProcessStat> | undefined {
  let leaving: Partial<ProcessStat> | undefined;
  for (const tid of attempt(() => fs.readdirSync(`/proc/${pid}/task`)) ?? []) {
    const stat = statIn(`/proc/${pid}/task/${tid}`);
    if (!stat || isDead(stat)) continue;
    const found = { state: stat.state, isExiting: stat.isExiting === true, thread: Number(tid) };
    if (!found.isExiting) return found; // there may be thousands
    leaving ??= found;
  }
  return leaving;
}

/** Identity of a living process; undefined when it is gone, or none of its threads lives. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && !isDead(stat) ? { pid: stat.pid, startTime: stat.startTime } : undefined;
}

/** This very process is there: same pid, same start time, a thread that lives. A stopped one is alive. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const now = identify(pid);
  if (!now) return false;
  // Without procfs a start time may be unknown (0): whoever has the pid counts, doubt keeps.
  return now.startTime === startTime || (!hasProcfs() && (now.startTime === 0 || startTime === 0));
}

/** `hidden`: somebody has this pid, and procfs does not show who (`hidepid`, a server that called setuid). */
export type Life = 'alive' | 'dead' | 'hidden';

/** Whether this very process is there, as far as that can be known. */
export function lifeOf(identity: ProcessIdentity): Life {
  if (isAlive(identity)) return 'alive';
  if (!readStat(identity.pid)) return isPidTaken(identity.pid) ? 'hidden' : 'dead';
  return isAlive(identity) ? 'alive' : 'dead'; // on its way out a hidden one comes into sight
}

/** kill(2) sees whom procfs hides. */
export const isPidTaken = (pid: number): boolean => bareStat(pid) !== undefined;

export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';

export function ownRealm(): Realm {
  const bootId = readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  const ownNamespace = (kind: 'pid' | 'time') => /\d+/.exec(namespaceOf('self', kind) ?? '')?.[0];
  const [pidNamespace = '', timeNamespace] = [ownNamespace('pid'), ownNamespace('time')];
  return { bootId, pidNamespace, timeNamespace, host: hostname() };
}

/** One that shows us: by the numbers of another pid namespace's, kill(2) here would reach somebody else. */
export const hasProcfs = once(() => selfInProcfs() === String(process.pid));

/** Not where procfs is that of another pid namespace: ps reads it too, and would name strangers. */
export const canAskPs = (): boolean => [undefined, String(process.pid)].includes(selfInProcfs());

const selfInProcfs = (): string | undefined => attempt(() => fs.readlinkSync('/proc/self'));
