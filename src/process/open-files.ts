// What one process has open in the directories watched: descriptors, working directory, root, program,
// mappings, sockets.
import { fs, quietly } from '../fs.js';
import { DEEP } from './long-path.js';
import type { Meter } from './meter.js';
import { watchedAt } from './mount-uses.js';
import { isDirectoryDescriptor, isOurCommand } from './own-look.js';
import { ownThreads } from './own-threads.js';
import { eachPiece, linkOf, readArgs } from './procfs.js';
import type { SessionMounts } from './session-mounts.js';
import type { BoundSockets, Door } from './unix-sockets.js';
import { addHold, type Hold, type Holds, type Watch } from './watch.js';

/** What does not change during one look. */
export interface Look {
  watch: Watch;
  /** `prefixes(watch)`, each with a slash behind it. */
  needles: string[];
  sockets: BoundSockets;
  mounts: SessionMounts;
  ownUid: number;
  meter: Meter;
}

export interface Opened {
  holds: Holds;
  /** Wherever they lie. */
  doors: Map<string, Door>;
  /** It has something open so deep that nobody can tell where. */
  isDeep?: boolean;
}

/** A process, and how it is read. */
interface Opener {
  pid: number;
  /** What `/proc/<thread>` shows: its first one, unless that has left. */
  thread: number;
  /** The names of its descriptors. */
  fds: readonly string[];
  threads?: number | undefined;
}

/** Adds to `holds` and `doors`. Yields after each piece of it. */
export function* findHolds(by: Opener, look: Look, opened: Opened): Generator<undefined, void> {
  const { watch, needles, sockets, mounts, meter } = look;
  const { holds, doors } = opened;
  // Only what is watched is asked for: elsewhere, on a network's file system, that may never return.
  const others = mounts.otherNames(by.thread);
  const placesOf = (path: string) => watchedAt(watch, path, others);
  const add = (what: Hold['what'], path: string, link: string) => {
    const places = placesOf(path);
    if (places.length > 0 && !isUnlinked(link, path))
      for (const place of places) addHold(holds, { ...place, what }, meter);
  };
  function* addDescriptors({ pid, thread, fds }: Opener): Generator<undefined, void> {
    let mayBeOurs = true; // asked once of a process that is not: all its descriptors may lie in a session
    const isOurLook = (fd: string, target: string) => {
      mayBeOurs &&= isOurCommand(readArgs(thread));
      if (!mayBeOurs || isDirectoryDescriptor(thread, fd)) return mayBeOurs;
      return linkOf(thread, `fd/${fd}`) !== target; // it has closed it meanwhile
    };
    for (const fd of fds) {
      const target = linkOf(thread, `fd/${fd}`);
      if (target?.startsWith('socket:[')) {
        const { hold, door } = yield* sockets.claim({ pid, thread }, target.slice(8, -1));
        if (hold) addHold(holds, hold, meter);
        else if (door) add('socket', door.path, '');
        if (door && meter.areFew(doors.size)) doors.set(door.path, door);
      } else if (target?.startsWith('/') && !(placesOf(target).length > 0 && isOurLook(fd, target)))
        add('file', target, `/proc/${thread}/fd/${fd}`);
      if (target === DEEP) opened.isDeep = true;
      yield;
    }
  }
  const addLinks = (thread: number) => {
    for (const [name, what] of LINKS) {
      const target = linkOf(thread, name);
      if (target === DEEP) opened.isDeep = true;
      const isOurs = () => placesOf(target ?? '').length > 0 && isOurCommand(readArgs(thread));
      if (target && !(what === 'cwd' && isOurs())) add(what, target, `/proc/${thread}/${name}`);
    }
  };
  const { thread, fds, threads = 1 } = by;
  yield* addDescriptors(by);
  addLinks(thread);
  const mapped = new Set<string>();
  const isAnyIn = (lines: string) =>
    needles.some((needle) => lines.includes(needle)) || others.some(({ seen }) => lines.includes(seen));
  yield* eachPiece(`/proc/${thread}/maps`, (lines) => {
    if (isAnyIn(lines)) for (const path of mappedPaths(lines)) mapped.add(path);
  });
  for (const path of mapped) {
    add('mapping', path, '');
    yield;
  }
  if (threads > 1)
    yield* ownThreads(thread, fds, function* (other) {
      yield* addDescriptors({ ...by, ...other });
      addLinks(other.thread);
    });
}

/** A removed file that is still open loses nothing when its directory goes. */
const isUnlinked = (link: string, target: string): boolean =>
  target.endsWith(' (deleted)') && quietly(() => fs.statSync(link))?.nlink === 0;

/** Sixth column of /proc/PID/maps, without the files already removed. */
const mappedPaths = (lines: string): string[] =>
  lines
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => path.startsWith('/') && !path.endsWith(' (deleted)'));

const LINKS = [
  ['cwd', 'cwd'],
  ['root', 'root'],
  ['exe', 'program'],
] as const;
