// An open directory and the pace of looking. A directory is named by its descriptor, so it stays the same
// whatever is put in its place meanwhile, and no link is followed to it.
import { monotonicMs, turns } from '../clock.js';
import { codeOf, fs, O_DIRECTORY, O_NOFOLLOW, O_PATH, type Stats } from '../fs.js';
import { forSystem, type RawPath } from './raw-path.js';

export interface OpenDirectory {
  /** A name for it: of its descriptor, or its path where there is no procfs. */
  base: RawPath;
  stat: Stats;
  close(): void;
}

/**
 * Throws the system's error; `ENOTDIR` for a link. Who looked just now says what it was: another call for
 * each is what a walk feels.
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

/** A name that stays: it is no path. */
export const isDescriptor = (base: RawPath): boolean => base.startsWith('/proc/self/fd/');

/** What tells one file or directory from all others. */
export interface SameAs {
  dev: number;
  ino: number;
}

/** The same file or directory, by whatever names. */
export const isSame = (a: SameAs, b: SameAs): boolean => a.dev === b.dev && a.ino === b.ino;

/** There is nothing, as far as the system tells; anything else it refuses is doubt. */
export function isMissing(error: unknown): boolean {
  if (codeOf(error) === undefined) throw error;
  return MISSING.has(codeOf(error) ?? '');
}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Not in every chroot. */
const hasProcfs = (): boolean => {
  procfs ??= fs.existsSync('/proc/self/fd');
  return procfs;
};
let procfs: boolean | undefined;

/**
 * For a loop: `if (pace.isDue() && !(await pace.goOn())) return` gives the event loop its turns and ends
 * when time is up.
 */
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
