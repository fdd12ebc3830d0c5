// The small file system that sessions of a run lie on, made as the run's namespace is entered.
import type { Volume } from '../scenario.js';

export const PLACE = '/var/tmp/v';

/** A script; fails where it is not to be had. What fits is more than Claude takes for a full disk by itself. */
export function making(kind: Volume, { uid, dir }: { uid: number; dir: string }): string {
  if (kind !== 'quota') {
    const inodes = kind === 'inodes' ? ',nr_inodes=3000' : '';
    return `mkdir ${PLACE} && mount -t tmpfs -o size=64m,mode=1777${inodes} tmpfs ${PLACE}`;
  }
  return [
    `mkdir ${PLACE} && truncate -s 600M ${dir}/image && mkfs.btrfs -q ${dir}/image`,
    `mount -o loop ${dir}/image ${PLACE} && btrfs quota enable ${PLACE}`,
    `btrfs -q subvolume create ${PLACE}/r && btrfs qgroup limit 64M ${PLACE}/r && chown ${uid} ${PLACE}/r`,
    `chmod 700 ${PLACE}/r`,
  ].join(' && ');
}
