// A program that the helper started may hang while the helper itself is well: `rm` in a dead file system. It
// is known by taking no processor time, itself and all it started. What asks a mount that hangs is expected
// to hang: nobody waits for it.
import { monotonicMs } from '../clock.js';
import { unlessItFails } from '../errors.js';
import { readProc } from '../fs.js';
import { askers } from '../process/ask-mounts.js';
import { readStat } from '../process/identity.js';
import { childrenOf } from '../process/procfs.js';
import { describePlace, whereabouts } from './whereabouts.js';

/**
 * Gives a function to be called again and again while a request runs: it says which child took no time for
 * `limitMs`, after it was sent SIGKILL; undefined where all is well. What it saw before a pause is forgotten:
 * no request ran.
 */
export function watchChildren(clock = monotonicMs): (limitMs: number) => string | undefined {
  let seen = new Map<number, { ticks: number; since: number }>();
  let lookedAt = clock();
  return (limitMs) => {
    const now = clock();
    const before: typeof seen = now - lookedAt > PAUSE_MS ? new Map() : seen;
    lookedAt = now;
    seen = new Map();
    for (const pid of childrenOf(process.pid)) {
      if (askers.has(pid)) continue;
      const ticks = ticksOf(pid);
      const known = before.get(pid);
      const since = known?.ticks === ticks ? known.since : now;
      seen.set(pid, { ticks, since });
      if (now - since >= limitMs) return giveUp(pid);
    }
    return undefined;
  };
}

function giveUp(pid: number): string {
  const name = readStat(pid)?.comm ?? 'a program';
  const place = describePlace(whereabouts(pid, ''));
  unlessItFails(() => process.kill(pid, 'SIGKILL')); // it may just have ended
  return `${name} (pid ${pid}) hangs ${place}`.trimEnd();
}

/** Processor time of a process, of what it started, and of what it waited for. */
const ticksOf = (pid: number): number =>
  ownTicks(readProc(`/proc/${pid}/stat`) ?? '') +
  childrenOf(pid).reduce((sum, child) => sum + ticksOf(child), 0);

/** Fields 14 to 17 of proc_pid_stat(5). */
const ownTicks = (stat: string): number =>
  stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);

const PAUSE_MS = 2_000; // eight looks: without one for so long there was none to take
