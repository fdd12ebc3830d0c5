// Whose files may decide where we write and remove: root's and our own.
import { attempt, fs } from '../fs.js';

/** -1 on Windows. */
export const ownUid = (): number => process.getuid?.() ?? -1;

/** The owner of a file is this user. Windows has no such owners: there it is what we find. */
export const isOurs = ({ uid }: { uid: number }): boolean => ownUid() === -1 || uid === ownUid();

/** Root and we. In a user namespace that maps no root (bubblewrap) root's files show the overflow uid. */
export const isTrusted = (uid: number): boolean =>
  uid === 0 || uid === ownUid() || (uid === OVERFLOW_UID && !mapsRoot());

/** Others than its owner can write there. Pure. */
export const othersWrite = (mode: number): boolean => (mode & 0o022) !== 0;

const mapsRoot = (): boolean => {
  const map = attempt(() => fs.readFileSync('/proc/self/uid_map', 'utf8')) ?? '0 0 4294967295';
  // Only a map that starts at the parent's uid 0 can show root's files as root's.
  return map.split('\n').some((line) => line.trim().split(/\s+/)[1] === '0');
};

const OVERFLOW_UID = 65534; // /proc/sys/kernel/overflowuid, user_namespaces(7)
