// Which directories a look at the processes is about, which of them a path belongs to, and what may be open
// there.
import { dirname } from 'node:path';
import { sessionOfPath } from '../root/layout.js';

export interface Watch {
  /** Managed roots: every session's TMPDIR below them. */
  roots: readonly string[];
  /** Further directories. A set: there may be thousands, and every open file is looked up in it. */
  dirs?: ReadonlySet<string>;
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
export function watchedDir({ roots, dirs }: Watch, path: string): string | undefined {
  for (const root of roots) {
    const dir = sessionOfPath(root, path);
    if (dir !== undefined) return dir;
  }
  if (!dirs?.size) return undefined;
  for (let at = path; ; at = dirname(at)) {
    if (dirs.has(at)) return at;
    if (at === dirname(at)) return undefined;
  }
}

/** What every path of interest lies below: few, where many directories are side by side. */
export const prefixes = ({ roots, dirs = new Set() }: Watch): string[] => [
  ...new Set([...roots, ...[...dirs].map((dir) => (dirname(dir) === '/' ? dir : dirname(dir)))]),
];
