// Whom something around us keeps us from reading, though they have our uid: what runs outside of our user
// namespace (user_namespaces(7): a toolbox, `unshare --user`), or outside of our sandbox (landlock(7)).
import { attempt, fs } from '../fs.js';
import { once } from '../once.js';
import { ownUid } from '../root/trusted.js';
import { fieldOf } from './procfs.js';

/**
 * Whether that is why a process of our uid cannot be read. It is not where it forbids that by itself
 * (prctl(2), PR_SET_DUMPABLE: its files are root's then), nor where it may do more than we (capabilities(7)).
 */
export function isOutside(pid: number): boolean {
  if (attempt(() => fs.statSync(`/proc/${pid}/environ`))?.uid !== ownUid()) return false;
  const ours = ownCapabilities();
  if (ownUid() === 0 && (ours & SYS_PTRACE) === 0n) return false; // whose files are root's cannot be told
  const theirs = fieldOf(`/proc/${pid}/status`, 'CapPrm');
  return theirs !== undefined && (asBits(theirs) & ~ours) === 0n; // undefined: it is gone
}

const ownCapabilities = once(() => asBits(fieldOf('/proc/self/status', 'CapEff') ?? '0'));
const asBits = (hex: string): bigint => BigInt(`0x${hex}`);

const SYS_PTRACE = 1n << 19n;
