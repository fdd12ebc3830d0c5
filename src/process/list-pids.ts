// Which processes there are, without the kernel's own threads where one read tells them: of no concern to any session, and on a
// machine with many processors more than all the rest.
import { attempt, fs, readProc } from '../fs.js';
import { ownUid } from '../root/guard.js';
import { readStat } from './identity.js';

/** Pids of all processes that may matter; none without procfs. */
export function listPids(): number[] {
  const threads = kernelThreads();
  return (attempt(() => fs.readdirSync('/proc')) ?? [])
    .map(Number)
    .filter((pid) => pid > 0 && !threads.has(pid));
}

/**
 * The children of kthreadd (proc(5), `/proc/pid/task/tid/children`). Some may be left out, none is made up, and no number comes round
 * again between this and the next read. Not for root: helpers that the kernel starts are children of kthreadd too, and root's.
 */
function kernelThreads(): ReadonlySet<number> {
  if (ownUid() === 0 || !readStat(KTHREADD)?.isKernelThread) return NONE;
  const pids = readProc(`/proc/${KTHREADD}/task/${KTHREADD}/children`);
  return new Set(pids?.split(' ').map(Number));
}

const KTHREADD = 2; // in the first pid namespace; elsewhere somebody with memory of his own
const NONE: ReadonlySet<number> = new Set();
