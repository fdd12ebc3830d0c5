// Process facts where there is no procfs (macOS, BSD): one `ps` per question. Start times come as seconds, so two
// processes with one pid within the same second look alike; a pid is not reused that fast.
import { spawnSync } from 'node:child_process';
import type { ProcessStat } from './process-stat.js';

/** What `ps` tells of a process; undefined when it is gone or there is no `ps`. */
export function psStat(pid: number): ProcessStat | undefined {
  if (process.platform === 'win32') return windowsStat(pid);
  const columns = 'pid=,ppid=,pgid=,tpgid=,stat=,lstart=,comm=';
  const { stdout, status } = spawnSync('ps', ['-o', columns, '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  return status === 0 && stdout ? parsePs(stdout.trim()) : undefined;
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

/** Windows: alive or not is all we ask; start times would need a slow query, so a pid stands for itself. */
function windowsStat(pid: number): ProcessStat | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  return { pid, comm: '', state: '?', ppid: 0, pgrp: 0, session: 0, tpgid: -1, startTime: 0 };
}
