// Who uses the space? Told when a session cannot be opened: the largest things of this user beside the roots that are full.
import { dirname, join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { ownUid } from '../root/guard.js';
import { hasUserQuota, mountOf, readMounts } from '../root/mounts.js';
import { reclaimable } from '../space/reclaimable.js';
import { measure } from './measure.js';

export interface Culprit {
  path: string;
  /** What removing it would free; at least that, when it is too large to be looked through. */
  bytes: number;
  entries: number;
}

/** The largest entries of ours in `dirs`, largest first. Gives up measuring after two seconds: rather some than none. */
export async function culprits(dirs: readonly string[], limit = 3): Promise<Culprit[]> {
  const until = performance.now() + BUDGET_MS;
  const found: Culprit[] = [];
  for (const path of dirs.flatMap(ownEntries)) {
    if (performance.now() > until) break;
    const stat = attempt(() => fs.lstatSync(path));
    if (!stat) continue;
    const itself = reclaimable();
    itself.add(stat);
    const { bytes, entries } = await measure(path, { until });
    found.push({ path, bytes: itself.bytes + bytes, entries: entries + 1 });
  }
  return found.sort((a, b) => b.bytes - a.bytes || b.entries - a.entries).slice(0, limit);
}

/** The file system of a root, in words, and the directory there whose entries share the space with it. */
export function placeOf(root: string): { name: string; dir: string } {
  const real = (path: string) => attempt(() => fs.realpathSync.native(path));
  const mount = mountOf(real(root) ?? real(dirname(root)) ?? root, readMounts());
  const dir = mount?.point === root ? root : dirname(root);
  const quota = hasUserQuota(mount) ? ', with a quota per user' : '';
  return { name: mount ? `${mount.point} (${mount.type}${quota})` : dirname(root), dir };
}

const ownEntries = (dir: string): string[] =>
  (attempt(() => fs.readdirSync(dir)) ?? [])
    .map((name) => join(dir, name))
    .filter((path) => attempt(() => fs.lstatSync(path))?.uid === ownUid());

const BUDGET_MS = 2_000;
