// Who is in the mount namespace of an isolated session: its mount table has the session's marker. A process
// cannot leave that behind as it can its environment and its parents, and the sandboxes of agents carry it
// along.
import { basename, dirname, join, relative } from 'node:path';
import { attempt, fs, readProc } from '../fs.js';
import { isWithin, markerDir, SESSION_ID } from '../root/layout.js';
import { type Mount, mountOf, parseMountinfo } from '../root/mounts.js';
import { type Hold, prefixes, type Watch } from './watch.js';

/** What a process sees of the watched sessions by their marker; nothing for those in our own namespace. */
export type SeenSessions = (pid: number) => readonly Hold[];

/** For one look at the processes: each namespace is read once. */
export function seenSessions(watch: Watch): SeenSessions {
  const own = namespaceOf('self');
  const known = new Map<string, readonly Hold[]>();
  let places: Place[] | undefined;
  return (pid) => {
    const namespace = namespaceOf(pid);
    if (namespace === undefined || namespace === own) return NOTHING;
    let seen = known.get(namespace);
    if (!seen) {
      places ??= placesOf(watch, tableOf('self'));
      seen = findMarkers(watch, places, tableOf(pid));
      known.set(namespace, seen);
    }
    return seen;
  };
}

/** A watched directory as the kernel names it in every namespace: file system, and path there. */
interface Place {
  path: string;
  device: string;
  root: string;
}

const placesOf = (watch: Watch, mounts: readonly Mount[]): Place[] =>
  prefixes(watch).flatMap((path) => {
    const mount = mountOf(path, mounts);
    if (!mount) return [];
    const below = relative(mount.point, path);
    return [{ path, device: mount.device, root: `${mount.root === '/' ? '' : mount.root}/${below}` }];
  });

/** Pure. */
export function findMarkers(
  { roots, dirs = new Set() }: Watch,
  places: readonly Place[],
  mounts: readonly Mount[],
): Hold[] {
  const isWatched = (dir: string) =>
    dirs.has(dir) || (SESSION_ID.test(basename(dir)) && roots.includes(dirname(dir)));
  const found = mounts.flatMap(({ device, root }) =>
    places
      .filter((place) => place.device === device && isWithin(place.root, root))
      .map(({ path, root: top }) => join(path, relative(top, root.replace(REMOVED, ''))))
      .filter((path) => markerDir(dirname(path)) === path && isWatched(dirname(path)))
      .map((path) => dirname(path)),
  );
  return [...new Set(found)].map(marker);
}

const marker = (dir: string): Hold => ({ dir, what: 'namespace', path: dir });

const tableOf = (pid: number | 'self'): Mount[] => parseMountinfo(readProc(`/proc/${pid}/mountinfo`) ?? '');

const namespaceOf = (pid: number | 'self'): string | undefined =>
  attempt(() => fs.readlinkSync(`/proc/${pid}/ns/mnt`));

/**
 * What the kernel puts behind the path of a directory that was removed meanwhile: it is still the one they
 * have.
 */
const REMOVED = /\/\/deleted$/;
const NOTHING: readonly Hold[] = [];
