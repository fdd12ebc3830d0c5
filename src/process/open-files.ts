// What one process has open in the directories watched: descriptors, working directory, root, program,
// mappings, sockets.
import { fs, quietly } from '../fs.js';
import type { Meter } from './meter.js';
import { isDirectoryDescriptor, isOurCommand } from './own-look.js';
import { ownThreads } from './own-threads.js';
import { eachPiece, linkOf, readArgs } from './procfs.js';
import type { SessionMounts } from './session-mounts.js';
import type { BoundSockets, Door } from './unix-sockets.js';
import { addHold, type Hold, type Holds, type Watch, watchedDir } from './watch.js';

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
export function* findHolds(by: Opener, look: Look, { holds, doors }: Opened): Generator<undefined, void> {
  const { watch, needles, sockets, meter } = look;
  // Only what is watched is asked for: elsewhere, on a network's file system, that may never return.
  const add = (what: Hold['what'], path: string, link: string) => {
    const dir = watchedDir(watch, path);
    if (dir !== undefined && !isUnlinked(link, path)) addHold(holds, { dir, what, path }, meter);
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
        if (door && meter.areFew(doors.size)) doors.set(door.path, door);
      } else if (target?.startsWith('/') && !(watchedDir(watch, target) && isOurLook(fd, target)))
        add('file', target, `/proc/${thread}/fd/${fd}`);
      yield;
    }
  }
  const addLinks = (thread: number) => {
    for (const [name, what] of LINKS) {
      const target = linkOf(thread, name);
      const isOurs = () => watchedDir(watch, target ?? '') && isOurCommand(readArgs(thread));
      if (target && !(what === 'cwd' && isOurs())) add(what, target, `/proc/${thread}/${name}`);
    }
  };
  const { thread, fds, threads = 1 } = by;
  yield* addDescriptors(by);
  addLinks(thread);
  const mapped = new Set<string>();
  yield* eachPiece(`/proc/${thread}/maps`, (lines) => {
    if (needles.some((needle) => lines.includes(needle)))
      for (const path of mappedPaths(lines)) mapped.add(path);
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
