// Which processes there are, without the kernel's own threads: on a machine with many processors they are
// more than all the rest.
import { attempt, fs, O_DIRECTORY, O_RDONLY, withFile } from '../fs.js';
import { once } from '../once.js';
import { ownUid } from '../root/trusted.js';
import { hasProcfs, readStat } from './identity.js';
import { childrenOf } from './procfs.js';

/** Not where a policy (AppArmor, Landlock) forbids to list procfs alone; access(2) does not show that. */
export const canListPids = once(
  () => hasProcfs() && attempt(() => withFile('/proc', O_RDONLY | O_DIRECTORY, () => true)) === true,
);

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
 * The children of kthreadd. Not for root: helpers that the kernel starts are children of kthreadd too, and
 * root's.
 */
function kernelThreads(): ReadonlySet<number> {
  if (ownUid() === 0 || !readStat(KTHREADD)?.isKernelThread) return NONE;
  return new Set(childrenOf(KTHREADD));
}

const KTHREADD = 2; // in the first pid namespace; elsewhere somebody with memory of his own
const NONE: ReadonlySet<number> = new Set();
