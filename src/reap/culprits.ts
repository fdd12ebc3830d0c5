// Who uses the space? Told when a session cannot be opened: the largest things of this user beside the roots
// that are full.
import { dirname, join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';
import { namesIn } from '../names.js';
import { ownUid } from '../root/guard.js';
import { hasUserQuota, type Mount, mountOf, readMounts } from '../root/mounts.js';
import { measure } from '../tree/measure.js';
import { reclaimable } from '../tree/reclaimable.js';

export interface Culprit {
  path: string;
  /** What removing it would free; at least that, when it is too large to be looked through. */
  bytes: number;
  entries: number;
}

export type Scarce = 'bytes' | 'entries';

/**
 * The largest entries of ours in `dirs` by what is scarce, largest first: three at most. Gives up measuring
 * after two seconds: rather some than none.
 */
export async function culprits(dirs: readonly string[], scarce: Scarce = 'bytes'): Promise<Culprit[]> {
  const until = monotonicMs() + BUDGET_MS;
  const found: Culprit[] = [];
  for (const path of dirs.flatMap(ownEntries)) {
    if (monotonicMs() > until) break;
    const stat = quietly(() => fs.lstatSync(path));
    if (!stat) continue;
    const itself = reclaimable();
    itself.add(stat);
    const { bytes, entries } = await measure(path, { until });
    found.push({ path, bytes: itself.bytes + bytes, entries: entries + 1 });
  }
  const other = scarce === 'bytes' ? 'entries' : 'bytes';
  return found.sort((a, b) => b[scarce] - a[scarce] || b[other] - a[other]).slice(0, LIMIT);
}

export interface Place {
  /** The file system, in words. */
  name: string;
  /** The directory there whose entries share the space with the root. */
  dir: string;
  /** Whose quota it is that a write there runs into, in words. */
  quota: string;
}

/** Where a root lies, or would. */
export function placeOf(root: string): Place {
  const real = (path: string) => quietly(() => fs.realpathSync.native(path));
  const mount = mountOf(real(root) ?? real(dirname(root)) ?? root, readMounts());
  const dir = mount?.point === root ? root : dirname(root);
  const quota = hasUserQuota(mount) ? ', with a quota per user' : '';
  const name = mount ? `${mount.point} (${mount.type}${quota})` : dirname(root);
  return { name, dir, quota: whoseQuota(mount) };
}

/** btrfs counts by subvolume; elsewhere nothing tells which of several quotas refused. */
function whoseQuota(mount: Mount | undefined): string {
  if (mount?.type === 'btrfs') return 'the quota of its subvolume';
  const others = mount?.options.some((option) => /^(grp|prj|g|p)quota/.test(option));
  return `the quota of uid ${ownUid()}${others ? ', its group or its project' : ''}`;
}

const ownEntries = (dir: string): string[] =>
  (
    quietly(() => namesIn(dir, (name) => quietly(() => fs.lstatSync(join(dir, name)))?.uid === ownUid())) ??
    []
  ).map((name) => join(dir, name));

const BUDGET_MS = 2_000;
const LIMIT = 3;
