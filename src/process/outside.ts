// Whom our own user namespace keeps us from reading (user_namespaces(7)): what runs outside of it, although
// it has our uid. So it is in a toolbox, under `unshare --user`, in a rootless container that sees the
// processes of its host.
import { attempt, fs, readProc } from '../fs.js';
import { once } from '../once.js';
import { ownUid } from '../root/trusted.js';

/**
 * Whether that is why a process of our uid cannot be read. The files of one that forbids it by itself
 * (prctl(2), PR_SET_DUMPABLE) are root's.
 */
export const isOutside = (pid: number): boolean =>
  isInside() && attempt(() => fs.statSync(`/proc/${pid}/environ`))?.uid === ownUid();

/** Whether ours is not the first one: that maps each uid to itself. */
const isInside = once(() => !/^\s*(0\s+0\s+4294967295\s*)?$/.test(readProc('/proc/self/uid_map') ?? ''));
