// The visitor of a walk: what it is called with, and what it decides.
import type { Stats } from '../fs.js';
import type { Pace } from './directory.js';
import type { Access } from './level.js';
import type { RawPath } from './raw-path.js';

export interface Directory {
  /** A name for it, good until the walk goes on; see `openDirectory`. */
  base: RawPath;
  /** In the directory above; empty for the top. */
  name: RawPath;
  stat: Stats;
  /** Below the top, empty for the top itself. */
  path: () => RawPath;
}

export interface Names {
  /** All but in the largest directories. */
  subdirectories: readonly string[];
  /** Whether it has an entry called `mark`; undefined where it was not read to its end, or not at all. */
  isMarked: boolean | undefined;
}

/** Called on the way. */
export interface Visitor {
  /** Before anything in it is looked at. */
  enter?(directory: Directory): void;
  /** Whether to enter its subdirectories. Asked when its names are read, the first of a large one. */
  isEntered?(directory: Directory, names: Names): boolean | Promise<boolean>;
  /** For each entry that is no directory. Without it, a walk may skip directories that have only such. */
  entry?(directory: Directory, name: string): void;
  /** After all that is in it, in the directory above. Not of the top. */
  leave?(above: Directory, name: string): void;
  /** For what could not be looked at, or was gone, by its path below the top. */
  refused?(error: unknown, path: RawPath): void;
  /** Nothing more has to be seen. */
  isOver?(): boolean;
}

export interface WalkOptions extends Visitor {
  /** A name that `isEntered` hears of. */
  mark?: string;
  /** Default as it is. */
  access?: Access;
  pace: Pace;
}

export interface Walked {
  /** The first place that was left out. */
  leftOut?: RawPath;
  /** Where the walk ended before all was seen: time was up, or there was no way back. */
  stoppedAt?: RawPath;
}
