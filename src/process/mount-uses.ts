// What a table of mounts says of the sessions watched. That of an isolated session has its marker, which no
// process can leave behind like its environment or its parents. In any other namespace a TMPDIR may be
// mounted too, or be a layer of an overlay: whoever is there uses it. Pure.

import { basename, dirname, join, relative } from 'node:path';
import { isWithin, markerDir, SESSION_ID } from '../root/layout.js';
import { decodeOctal, type Mount, mountOf } from '../root/mounts.js';
import { type Hold, type Watch, watchedDir } from './watch.js';

/** A watched directory as the kernel names it in every namespace: file system, and path there. */
export interface WatchedPlace {
  path: string;
  device: string;
  root: string;
  /** Of the mount it lies on. */
  mountRoot?: string;
}

/** Members of an isolated session have its TMPDIR mounted by design: they are in it, not users of it. */
export function findUses(
  watch: Watch,
  places: readonly WatchedPlace[],
  mounts: readonly Mount[],
  counted = mounts,
): Hold[] {
  const markers = findMarkers(watch, places, mounts);
  const isMember = new Set(markers.map(({ dir }) => dir));
  const uses = [...findMounted(watch, places, counted), ...findLayers(watch, places, mounts, counted)];
  return [...markers, ...uses.filter(({ dir }) => !isMember.has(dir))];
}

function findMounted(watch: Watch, places: readonly WatchedPlace[], mounts: readonly Mount[]): Hold[] {
  return mounts.flatMap((mount) => {
    const { device, root } = mount;
    if (REMOVED.test(root)) return [];
    // Of a directory that a file system is mounted on here, this is that very mount in another namespace.
    const under = places.filter(({ mountRoot }) => mountRoot !== root);
    return holdsAt(watch, pathsAt(under, device, root), 'mount');
  });
}

/** By the path as it was given, and by what that is in the namespace now. */
function findLayers(
  watch: Watch,
  places: readonly WatchedPlace[],
  mounts: readonly Mount[],
  counted: readonly Mount[],
): Hold[] {
  return counted.flatMap(layersOf).flatMap((path) => {
    const mount = mountOf(path, mounts);
    const now = mount && pathsAt(places, mount.device, join(mount.root, relative(mount.point, path)));
    return holdsAt(watch, [path, ...(now ?? [])], 'layer');
  });
}

/** A directory watched, by the path that it has where one above it is mounted a second time. */
export interface OtherName {
  seen: string;
  path: string;
}

/** Those of the watched directories in the namespace of `mounts`. */
export const otherNames = (places: readonly WatchedPlace[], mounts: readonly Mount[]): OtherName[] =>
  mounts
    .flatMap(({ device, root, point }) =>
      places
        .filter((place) => place.device === device && isWithin(root, place.root))
        .map(({ path, root: below }) => ({ path, seen: join(point, relative(root, below)) })),
    )
    .filter(({ path, seen }) => seen !== path);

/** Where `path` lies in what is watched: there may be several, by its own name and by `others`. */
export const watchedAt = (watch: Watch, path: string, others: readonly OtherName[]): Place[] =>
  [path, ...others.flatMap((other) => (isWithin(other.seen, path) ? renamed(other, path) : []))].flatMap(
    (name) => {
      const dir = watchedDir(watch, name);
      return dir === undefined ? [] : [{ dir, path: name }];
    },
  );
type Place = Pick<Hold, 'dir' | 'path'>;

const renamed = ({ seen, path: here }: OtherName, path: string): string =>
  join(here, path.slice(seen.length));

/** What `root` of a file system is called here, by the places on it. */
const pathsAt = (places: readonly WatchedPlace[], device: string, root: string): string[] =>
  places
    .filter((place) => place.device === device && isWithin(place.root, root))
    .map((place) => join(place.path, relative(place.root, root)));

const holdsAt = (watch: Watch, paths: readonly string[], what: Hold['what']): Hold[] =>
  paths.flatMap((path) => {
    const dir = watchedDir(watch, path);
    return dir === undefined ? [] : [{ dir, what, path }];
  });

export function findMarkers(
  { roots, dirs = new Set() }: Watch,
  places: readonly WatchedPlace[],
  mounts: readonly Mount[],
): Hold[] {
  const isWatched = (dir: string) =>
    dirs.has(dir) || (SESSION_ID.test(basename(dir)) && roots.includes(dirname(dir)));
  const found = mounts
    .flatMap(({ device, root }) => pathsAt(places, device, root.replace(REMOVED, '')))
    .filter((path) => markerDir(dirname(path)) === path && isWatched(dirname(path)))
    .map((path) => dirname(path));
  return [...new Set(found)].map((dir) => ({ dir, what: 'namespace', path: dir }));
}

/** The kernel puts this behind the path of a directory that was removed meanwhile. */
const REMOVED = /\/\/deleted$/;

/** The layers of an overlay, by the paths given when it was mounted (ovl_show_options). */
const layersOf = ({ type, options }: Mount): string[] =>
  type === 'overlay' ? [...new Set(options.flatMap(pathsOf).flatMap(readings))] : [];

function pathsOf(option: string): string[] {
  const at = option.indexOf('=');
  const [name, value] = [option.slice(0, at), option.slice(at + 1)];
  if (name === 'lowerdir') return value.match(LOWER) ?? [];
  return SINGLE.has(name) ? [value] : [];
}

/** Both ways: a backslash, in octal like a comma or a colon, may be the mounter's, or part of the name. */
function readings(text: string): string[] {
  const path = decodeOctal(text);
  return [path, path.replace(/\\(.)/g, '$1')];
}

/** Several, with a colon between them; two where layers of data begin. */
const LOWER = /(?:\\134(?:\\[0-7]{3}|[^\\])|[^:])+/g;
const SINGLE = new Set(['lowerdir+', 'datadir+', 'upperdir', 'workdir']);
