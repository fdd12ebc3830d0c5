// Which directories a look at the processes watches, which of them a path lies in, and what a process has
// open there: each place once, and no more places than fit.

import { dirname } from 'node:path';
import { sessionOfPath } from '../root/layout.js';
import type { Meter } from './meter.js';

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
  /**
   * `namespace`: it is in the mount namespace of that isolated session. `mount`, `layer`: mounted in its
   * namespace, as it is or in an overlay. `loop`: a loop device. `more`: anything in `dir` may be open.
   */
  what:
    | 'file'
    | 'cwd'
    | 'root'
    | 'program'
    | 'mapping'
    | 'socket'
    | 'namespace'
    | 'mount'
    | 'layer'
    | 'loop'
    | 'more';
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

export type Holds = Map<string, Hold>;

/** Several descriptors of one file are one. Where there are too many, all of the session counts as in use. */
export function addHold(holds: Holds, hold: Hold, meter: Meter): void {
  if (holds.has(keyOf(hold))) return;
  const kept = meter.addHold(holds.size) ? hold : moreIn(hold.dir);
  holds.set(keyOf(kept), kept);
}

/** More is open in `dir` than is listed, or may be. */
export const moreIn = (dir: string): Hold => ({ dir, what: 'more', path: dir });

const keyOf = ({ what, path }: Hold): string => `${what} ${path}`;
