// One line of /proc/PID/stat (proc_pid_stat(5)).

/** The fields of /proc/PID/stat that decisions need. */
export interface ProcessStat {
  pid: number;
  comm: string;
  /** `R S D T t Z X I` */
  state: string;
  ppid: number;
  pgrp: number;
  /** Session id: the pid of the process that called setsid(2). */
  session: number;
  /** Device number of its controlling terminal, 0 without one; undefined where that is not known. */
  terminal?: number;
  /** Foreground process group of its controlling terminal, -1 without one. */
  tpgid: number;
  /** Clock ticks since boot on Linux, seconds since 1970 elsewhere; compared, never calculated with. */
  startTime: number;
  isKernelThread?: boolean;
  /** On its way out, perhaps without memory and descriptors already. */
  isExiting?: boolean;
  /** Where its environment lies: elsewhere after another exec (`randomize_va_space`). 0: not told. */
  environAt?: number;
  /** How many there are, the first one included as long as the process is there. */
  threads?: number;
  /** The first one has left (pthread_exit(3)); `/proc/<thread>` shows what the process still has. */
  thread?: number;
}

/** The name may hold spaces and parentheses: the last `)` ends it. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ', LAST_FIELD - 2);
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    terminal: field(7),
    tpgid: field(8),
    threads: field(20),
    startTime: field(22),
    environAt: field(LAST_FIELD),
    isKernelThread: (field(9) & PF_KTHREAD) !== 0,
    isExiting: (field(9) & PF_EXITING) !== 0,
  };
}

const LAST_FIELD = 50;
// include/linux/sched.h
const PF_KTHREAD = 0x00200000;
const PF_EXITING = 0x00000004;
