// Which processes there are, without the kernel's own threads: on a machine with many processors they are
// more than all the rest.
import { attempt, fs, O_DIRECTORY, O_RDONLY, readProc } from '../fs.js';
import { ownUid } from '../root/trusted.js';
import { hasProcfs, readStat } from './identity.js';

/** Not where a policy (AppArmor, Landlock) forbids to list procfs alone; access(2) does not show that. */
export function canListPids(): boolean {
  canList ??= hasProcfs() && attempt(openProc) !== undefined;
  return canList;
}
let canList: boolean | undefined;

function openProc(): true {
  fs.closeSync(fs.openSync('/proc', O_RDONLY | O_DIRECTORY));
  return true;
}

/** Those that may matter; none where they cannot be listed. Throws the system's error: unseen is not gone. */
export function listPids(): number[] {
  if (!canListPids()) return [];
  const threads = kernelThreads();
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && !threads.has(pid));
}

/**
 * The children of kthreadd; some may be left out (proc(5), `/proc/pid/task/tid/children`). Not for root:
 * helpers that the kernel starts are children of kthreadd too, and root's.
 */
function kernelThreads(): ReadonlySet<number> {
  if (ownUid() === 0 || !readStat(KTHREADD)?.isKernelThread) return NONE;
  const pids = readProc(`/proc/${KTHREADD}/task/${KTHREADD}/children`);
  return new Set(pids?.split(' ').map(Number));
}

const KTHREADD = 2; // in the first pid namespace; elsewhere somebody with memory of his own
const NONE: ReadonlySet<number> = new Set();
