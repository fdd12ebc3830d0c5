// The command that removes a mount: who may do it depends on who mounted it.
import { shellQuote } from '../options.js';
import type { Mount } from './mounts.js';
import { ownUid } from './trusted.js';

/**
 * `isSilent`: it does not answer, so it goes by force, and whoever waits there is freed. One that works is
 * not taken away from those who use it. Who mounted something with FUSE needs no root to get rid of it.
 */
export function unmounting(mount: Mount, { isSilent = false, uid = ownUid() } = {}): string {
  const point = shellQuote(mount.point);
  if (uid !== 0 && isOfUser(mount, uid)) return `fusermount3 -u${isSilent ? 'z' : ''} ${point}`;
  return `${uid === 0 ? '' : 'sudo '}umount ${isSilent ? '-fl ' : ''}${point}`;
}

/** mount.fuse(8): `user_id` is who mounted it. */
const isOfUser = ({ type, options }: Mount, uid: number): boolean =>
  type.startsWith('fuse') && options.includes(`user_id=${uid}`);
