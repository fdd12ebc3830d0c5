// Which processes there are. Without the kernel's own threads, where one read lists them: no session has any,
// and on a machine with many processors they are more than all the rest.
import { attempt, fs, O_DIRECTORY, O_RDONLY, readProc } from '../fs.js';
import { ownUid } from '../root/trusted.js';
import { hasProcfs, readStat } from './identity.js';

/**
 * Processes can be looked for here. Not where a policy (AppArmor, Landlock) lets procfs be read but not
 * listed; access(2) does not show that.
 */
export function canListPids(): boolean {
  canList ??= hasProcfs() && attempt(openProc) !== undefined;
  return canList;
}
let canList: boolean | undefined;

function openProc(): true {
  fs.closeSync(fs.openSync('/proc', O_RDONLY | O_DIRECTORY));
  return true;
}

/**
 * Pids of all processes that may matter; none where they cannot be listed. Throws the system's error: not to
 * see is not to see nobody.
 */
export function listPids(): number[] {
  if (!canListPids()) return [];
  const threads = kernelThreads();
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && !threads.has(pid));
}

/**
 * The children of kthreadd (proc(5), `/proc/pid/task/tid/children`). Some may be left out, none is made up,
 * and no number comes round again between this and the next read. Not for root: helpers that the kernel
 * starts are children of kthreadd too, and root's.
 */
function kernelThreads(): ReadonlySet<number> {
  if (ownUid() === 0 || !readStat(KTHREADD)?.isKernelThread) return NONE;
  const pids = readProc(`/proc/${KTHREADD}/task/${KTHREADD}/children`);
  return new Set(pids?.split(' ').map(Number));
}

const KTHREADD = 2; // in the first pid namespace; elsewhere somebody with memory of his own
const NONE: ReadonlySet<number> = new Set();
