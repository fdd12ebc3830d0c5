// Process facts where there is no procfs (macOS, BSD): one `ps` per question. Start times come as seconds, so
// two processes with one pid within the same second look alike; a pid is not reused that fast.
import { codeOf } from '../fs.js';
import { askNow } from './exec.js';
import { tool } from './find-tool.js';
import type { ProcessStat } from './process-stat.js';

export function psStat(pid: number): ProcessStat | undefined {
  if (process.platform === 'win32') return bareStat(pid);
  const columns = 'pid=,ppid=,pgid=,tpgid=,stat=,lstart=,comm=';
  const { stdout, status } = askNow(tool('ps'), ['-o', columns, '-p', String(pid)], { env: { TZ: 'UTC' } });
  // No ps, or one that knows no such options (busybox): not being able to look is no death.
  return (status === 0 ? parsePs(stdout.trim()) : undefined) ?? bareStat(pid);
}

/** One line of `ps -o pid=,ppid=,pgid=,tpgid=,stat=,lstart=,comm=`. */
export function parsePs(line: string): ProcessStat | undefined {
  const match = /^(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\w{3} \w{3}\s+\d+ [\d:]{8} \d{4})\s+(.*)$/.exec(
    line,
  );
  if (!match) return undefined;
  const [, pid, ppid, pgrp, tpgid, stat = '?', started = '', command = ''] = match;
  return {
    pid: Number(pid),
    comm: command.split('/').pop() ?? command,
    state: stat.charAt(0),
    ppid: Number(ppid),
    pgrp: Number(pgrp),
    session: 0,
    tpgid: Number(tpgid),
    startTime: Date.parse(`${started} UTC`) / 1000,
  };
}

/** Only whether it is alive (on Windows a start time would need a slow query): the pid stands for itself. */
export function bareStat(pid: number): ProcessStat | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return undefined;
  }
  return { pid, comm: '', state: '?', ppid: 0, pgrp: 0, session: 0, tpgid: -1, startTime: 0 };
}
