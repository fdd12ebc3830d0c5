// What the tables of mounts say of the sessions watched, for each process and for our own namespace, each
// table read once a look.
import { join, relative } from 'node:path';
import { readProc } from '../fs.js';
import { once } from '../once.js';
import { type Mount, mountOf, parseMountinfo } from '../root/mounts.js';
import { findUses, type OtherName, otherNames, type WatchedPlace } from './mount-uses.js';
import { linkOf, namespaceOf } from './procfs.js';
import { type Hold, prefixes, type Watch, watchedDir } from './watch.js';

export interface SessionMounts {
  /** What a process sees of the watched sessions; nothing for those in our own namespace. */
  seen(pid: number): readonly Hold[];
  /** What is watched has these other names where a process is. */
  otherNames(pid: number | 'self'): readonly OtherName[];
  /** What is mounted in our own namespace: by nobody in particular. */
  strays(): Hold[];
}

/** For one look at the processes: each namespace is read once. */
export function sessionMounts(watch: Watch): SessionMounts {
  const own = namespaceOf('self', 'mnt');
  const lookHere = once(() => {
    const mounts = tableOf('self');
    const places = placesOf(watch, mounts);
    return { mounts, places, uses: NOTHING, names: otherNames(places, mounts) };
  });
  const known = new Map<string, Seen>();
  const lookFrom = (pid: number | 'self'): Seen => {
    const namespace = namespaceOf(pid, 'mnt');
    if (namespace === undefined || namespace === own) return lookHere();
    const root = linkOf(pid, 'root') ?? '/';
    const view = `${namespace} ${root}`; // in a chroot only what is mounted there is in the table
    const seen = known.get(view) ?? seenFrom(pid, root, watch, lookHere().places);
    if (seen !== GONE) known.set(view, seen);
    return seen;
  };
  return {
    seen: (pid) => lookFrom(pid).uses,
    otherNames: (pid) => lookFrom(pid).names,
    strays() {
      const { mounts, places } = lookHere();
      // What is mounted in a session keeps it for a reason of its own, see obstacles.ts.
      const outside = mounts.filter(({ point }) => watchedDir(watch, point) === undefined);
      return findUses(watch, places, mounts, outside).filter(({ what }) => what !== 'namespace');
    },
  };
}

/** In one namespace. */
interface Seen {
  uses: readonly Hold[];
  names: readonly OtherName[];
}

/** Its table of mounts leaves out the way to its root; links in procfs do not. */
function seenFrom(pid: number | 'self', root: string, watch: Watch, places: readonly WatchedPlace[]): Seen {
  const mounts = tableOf(pid);
  if (mounts.length === 0) return GONE; // it has ended since: others in there are asked
  const below = mounts.map((mount) => ({ ...mount, point: join(root, mount.point) }));
  return { uses: findUses(watch, places, mounts), names: otherNames(places, below) };
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
const GONE: Seen = { uses: NOTHING, names: [] };
