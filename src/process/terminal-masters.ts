// Who has the other side of which pseudo-terminal open: its master, by which a terminal is read and typed
// into. A terminal hangs up when the last one closes it.
import { inTurns } from '../clock.js';
import { readStat } from './identity.js';
import { listPids } from './list-pids.js';
import type { ProcessStat } from './process-stat.js';
import { entriesOf, fieldOf, linkOf } from './procfs.js';

export interface TerminalMasters {
  /** By the number of the terminal (N of /dev/pts/N). */
  holders: ReadonlyMap<number, readonly ProcessStat[]>;
  /** Whose descriptors cannot be read: they may have any. */
  unreadable: ReadonlySet<number>;
}

export const terminalMasters = (): Promise<TerminalMasters> => inTurns(steps());

function* steps(): Generator<undefined, TerminalMasters> {
  const holders = new Map<number, ProcessStat[]>();
  const unreadable = new Set<number>();
  for (const pid of listPids()) {
    const stat = readStat(pid);
    if (!stat) continue;
    const numbers = yield* mastersOf(stat);
    if (!numbers) unreadable.add(pid);
    for (const number of numbers ?? []) holders.set(number, [...(holders.get(number) ?? []), stat]);
    yield;
  }
  return { holders, unreadable };
}

function* mastersOf({ pid, thread = pid }: ProcessStat): Generator<undefined, Set<number> | undefined> {
  const fds = yield* entriesOf(`/proc/${thread}/fd`);
  if (!fds) return undefined;
  const found = new Set<number>();
  for (const fd of fds) {
    const isMaster = linkOf(thread, `fd/${fd}`)?.endsWith('/ptmx');
    const number = isMaster && fieldOf(`/proc/${thread}/fdinfo/${fd}`, 'tty-index');
    if (number) found.add(Number(number));
    yield;
  }
  return found;
}

/** N of /dev/pts/N by its device number as proc_pid_stat(5) encodes it; undefined for another kind. */
export function terminalNumber(device: number | undefined): number | undefined {
  if (device === undefined || ((device >> 8) & 0xfff) !== UNIX98_PTY_SLAVE_MAJOR) return undefined;
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}

const UNIX98_PTY_SLAVE_MAJOR = 136; // include/uapi/linux/major.h
