// An open directory, and the pace of a walk. A directory is named by its descriptor, so it stays the same
// whatever is put in its place, and no link is followed to it.
import { monotonicMs, turns } from '../clock.js';
import { fs, O_DIRECTORY, O_NOFOLLOW, O_PATH, type Stats, systemCode } from '../fs.js';
import { forSystem, type RawPath } from './raw-path.js';

export interface OpenDirectory {
  /** A name for it: of its descriptor, or its path where there is no procfs. */
  base: RawPath;
  stat: Stats;
  close(): void;
}

/**
 * Throws the system's error; `ENOTDIR` for a link. `known` saves a call: a walk makes one for each directory.
 */
export function openDirectory(path: RawPath, known?: Stats): OpenDirectory {
  if (process.platform !== 'linux') return byPath(path);
  const fd = fs.openSync(forSystem(path), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const close = () => fs.closeSync(fd);
  try {
    const base = `/proc/self/fd/${fd}`;
    return { base: hasProcfs() ? base : path, stat: known ?? fs.fstatSync(fd), close };
  } catch (error) {
    close();
    throw error;
  }
}

function byPath(path: RawPath): OpenDirectory {
  const stat = fs.lstatSync(forSystem(path));
  if (!stat.isDirectory()) throw Object.assign(new Error('it is no directory'), { code: 'ENOTDIR' });
  return { base: path, stat, close: () => {} };
}

/** Whether the name is that of a descriptor, not a path. */
export const isDescriptor = (base: RawPath): boolean => base.startsWith('/proc/self/fd/');

/** What identifies a file or directory. */
export interface SameAs {
  dev: number;
  ino: number;
}

/** The same file or directory, by whatever names. */
export const isSame = (a: SameAs, b: SameAs): boolean => a.dev === b.dev && a.ino === b.ino;

/** Whether the error says that nothing is there. Any other error is doubt. */
export const isMissing = (error: unknown): boolean => MISSING.has(systemCode(error));

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** A chroot may have none. */
const hasProcfs = (): boolean => {
  procfs ??= fs.existsSync('/proc/self/fd');
  return procfs;
};
let procfs: boolean | undefined;

/** For a loop: `if (pace.isDue() && !(await pace.goOn())) return` yields, and ends it when time is up. */
export interface Pace {
  isDue(): boolean;
  /** False when time is up. */
  goOn(): Promise<boolean>;
}

export function paceUntil(until: number): Pace {
  const turn = turns();
  const isLate = () => monotonicMs() > until;
  return {
    isDue: () => turn.isOver() || isLate(),
    goOn: async () => {
      if (turn.isOver()) await turn.pass();
      return !isLate();
    },
  };
}
