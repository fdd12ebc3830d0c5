// A real quota: what is beyond it is refused with EDQUOT while statfs(2) shows room. Only for files that run in private mounts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** btrfs on a loop device with a subvolume `limited` of 8 MiB. Gives why not. */
export function mountWithQuota(place: string, mounted: string): string | undefined {
  const image = join(place, 'image');
  const script = `truncate -s 256M ${image} && mkfs.btrfs -q ${image} && mount -o loop ${image} ${mounted} &&
    btrfs quota enable ${mounted} && btrfs -q subvolume create ${mounted}/limited &&
    btrfs qgroup limit 8M ${mounted}/limited`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  return status === 0 ? undefined : `no quota to be had (${stderr.trim()})`;
}
