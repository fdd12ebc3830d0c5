// Who a process is: a pid alone names whoever has that number now. Pid and start time name one process since boot,
// boot id and pid namespace say which processes the number speaks of (proc_pid_stat(5), random(4), pid_namespaces(7)).
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

/** The first thread alone has left, as a zombie that nobody can collect: the state of another one is that of the process. */
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

/** This very process is still there: same pid, same start time, a thread that lives. A stopped process is alive. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const now = identify(pid);
  if (!now) return false;
  // Without procfs a start time may be unknown (0): whoever has the pid counts, doubt keeps.
  return now.startTime === startTime || (!hasProcfs() && (now.startTime === 0 || startTime === 0));
}

export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';

/** Our own realm. */
export const ownRealm = (): Realm => ({
  bootId: attempt(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))?.trim() ?? '',
  pidNamespace: /\d+/.exec(attempt(() => fs.readlinkSync('/proc/self/ns/pid')) ?? '')?.[0] ?? '',
  host: hostname(),
});

/** One that tells of us: that of another pid namespace gives numbers by which kill(2) here would reach somebody else. */
export const hasProcfs = (): boolean => {
  procfs ??= selfInProcfs() === String(process.pid);
  return procfs;
};
let procfs: boolean | undefined;

/** Not where procfs is that of another pid namespace: ps reads it too, and names children that are strangers here. */
export const canAskPs = (): boolean => [undefined, String(process.pid)].includes(selfInProcfs());

const selfInProcfs = (): string | undefined => attempt(() => fs.readlinkSync('/proc/self'));
