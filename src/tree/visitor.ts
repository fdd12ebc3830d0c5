// Who goes along on a walk of a tree: what it is told, and what it may say.
import type { Stats } from '../fs.js';
import type { Pace } from './directory.js';
import type { Access } from './level.js';
import type { RawPath } from './raw-path.js';

export interface Directory {
  /** A name for it that stays as long as nothing else is looked at, see `openDirectory`. */
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
  /** Whether it has an entry called `mark`; undefined where it was not read to its end. */
  isMarked: boolean | undefined;
}

/** What is done on the way. */
export interface Visitor {
  /** Before anything in it is looked at. */
  enter?(directory: Directory): void;
  /** Whether to go on into its subdirectories. Asked when its names are read, of a large one the first. */
  isEntered?(directory: Directory, names: Names): boolean | Promise<boolean>;
  /** Each entry that is no directory. Where this is missing such entries are hardly looked at. */
  entry?(directory: Directory, name: string): void;
  /** After all that is in it, in the directory above. Not of the top. */
  leave?(above: Directory, name: string): void;
  /** What could not be looked at, or was gone by then, by its path below the top. */
  refused?(error: unknown, path: RawPath): void;
  /** Nothing more has to be seen. */
  isOver?(): boolean;
}

export interface WalkOptions extends Visitor {
  /** Without `entry`: directories with neither subdirectories nor an entry of this name are passed over. */
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
