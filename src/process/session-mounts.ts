// What the tables of mounts say of the sessions watched, for each process and for our own namespace, each
// table read once a look.
import { join, relative } from 'node:path';
import { readProc } from '../fs.js';
import { type Mount, mountOf, parseMountinfo } from '../root/mounts.js';
import { findUses, type WatchedPlace } from './mount-uses.js';
import { namespaceOf } from './procfs.js';
import { type Hold, prefixes, type Watch, watchedDir } from './watch.js';

export interface SessionMounts {
  /** What a process sees of the watched sessions; nothing for those in our own namespace. */
  seen(pid: number): readonly Hold[];
  /** What is mounted in our own namespace: by nobody in particular. */
  strays(): Hold[];
}

/** For one look at the processes: each namespace is read once. */
export function sessionMounts(watch: Watch): SessionMounts {
  const own = namespaceOf('self', 'mnt');
  const known = new Map<string, readonly Hold[]>();
  let here: { mounts: Mount[]; places: WatchedPlace[] } | undefined;
  const lookHere = () => {
    if (here) return here;
    const mounts = tableOf('self');
    here = { mounts, places: placesOf(watch, mounts) };
    return here;
  };
  return {
    seen(pid) {
      const namespace = namespaceOf(pid, 'mnt');
      if (namespace === undefined || namespace === own) return NOTHING;
      const seen = known.get(namespace) ?? findUses(watch, lookHere().places, tableOf(pid));
      known.set(namespace, seen);
      return seen;
    },
    strays() {
      const { mounts, places } = lookHere();
      // What is mounted in a session keeps it for a reason of its own, see obstacles.ts.
      const outside = mounts.filter(({ point }) => watchedDir(watch, point) === undefined);
      return findUses(watch, places, mounts, outside).filter(({ what }) => what !== 'namespace');
    },
  };
}

const placesOf = (watch: Watch, mounts: readonly Mount[]): WatchedPlace[] =>
  prefixes(watch).flatMap((path) => {
    const mount = mountOf(path, mounts);
    if (!mount) return [];
    const root = join(mount.root, relative(mount.point, path));
    return [{ path, device: mount.device, root, mountRoot: mount.root }];
  });

const tableOf = (pid: number | 'self'): Mount[] => parseMountinfo(readProc(`/proc/${pid}/mountinfo`) ?? '');

const NOTHING: readonly Hold[] = [];
