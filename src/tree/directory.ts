// What a walk asks about directories and errors, and its pace.
import { monotonicMs, newYielder } from '../clock.js';
import { fs, systemCode } from '../fs.js';
import type { RawPath } from './raw-path.js';

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

/** Whether nothing is at `path`; false where that cannot be told. */
export function isGone(path: string | Buffer): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return isMissing(error);
  }
}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** For a loop: `if (pace.isDue() && !(await pace.goOn())) return` yields, and ends it when time is up. */
export interface Pace {
  isDue(): boolean;
  /** False when time is up. */
  goOn(): Promise<boolean>;
}

export function paceUntil(until: number): Pace {
  const yielder = newYielder();
  const isLate = () => monotonicMs() > until;
  return {
    isDue: () => yielder.isDue() || isLate(),
    goOn: async () => {
      if (yielder.isDue()) await yielder.yield();
      return !isLate();
    },
  };
}
