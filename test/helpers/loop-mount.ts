// Real file systems on loop devices, one of them with a quota: what is beyond it is refused with EDQUOT while statfs(2) shows room.
// Only for files that run in private mounts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The file system that `make` puts into an image of 400 MiB. Gives why not. */
export const mountImage = (make: string, place: string, mounted: string): string | undefined =>
  shell(
    `truncate -s 400M ${place}/image && ${make} ${place}/image && mount -o loop ${place}/image ${mounted}`,
  );

/** btrfs on a loop device with a subvolume `limited` of 8 MiB. Gives why not. */
export function mountWithQuota(place: string, mounted: string): string | undefined {
  const image = join(place, 'image');
  const script = `truncate -s 256M ${image} && mkfs.btrfs -q ${image} && mount -o loop ${image} ${mounted} &&
    btrfs quota enable ${mounted} && btrfs -q subvolume create ${mounted}/limited &&
    btrfs qgroup limit 8M ${mounted}/limited`;
  return shell(script);
}

function shell(script: string): string | undefined {
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  return status === 0 ? undefined : `not to be had here (${stderr.trim()})`;
}
