// Which directories a look at the processes is about, which of them a path belongs to, and what may be open there.
import { isWithin, sessionOfPath } from '../root/layout.js';

export interface Watch {
  /** Managed roots: every session's TMPDIR below them. */
  roots: readonly string[];
  /** Further directories. */
  dirs?: readonly string[];
}

/** Something open below a watched directory. */
export interface Hold {
  /** Session directory, or the further directory. */
  dir: string;
  /** `namespace`: it is in the mount namespace of that isolated session. */
  what: 'file' | 'cwd' | 'root' | 'program' | 'mapping' | 'socket' | 'namespace';
  path: string;
}

/** The session directory, or the further directory, that `path` lies in. */
export function watchedDir({ roots, dirs = [] }: Watch, path: string): string | undefined {
  for (const root of roots) {
    const dir = sessionOfPath(root, path);
    if (dir !== undefined) return dir;
  }
  return dirs.find((dir) => isWithin(dir, path));
}

/** What every path of interest begins with. */
export const prefixes = ({ roots, dirs = [] }: Watch): string[] => [...roots, ...dirs];
