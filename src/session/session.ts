// What a session is to those who use it.

import type { Release } from '../end/release.js';
import type { Largest } from '../tree/largest.js';
import type { Pressure } from './pressure.js';

/** How a session ended. */
export interface EndReport extends Release {
  id: string;
  tmpdir: string;
  /**
   * The file system was full at some time while the session lived: commands may have failed without a word.
   */
  lastPressure?: Pressure;
  /** What took most of TMPDIR before anything was removed: at most three, largest first; see `measure`. */
  largest: Largest[];
}

/** A program and its arguments, for any way to spawn. */
export interface Invocation {
  file: string;
  args: string[];
}

export interface EndOptions {
  /** Leave the directory; only `qw-tmp rm` removes it then. */
  keep?: boolean;
  /** Aborted: SIGKILL now instead of after the grace period. */
  hurry?: AbortSignal;
  /** Tell what was largest also where the disk never ran full: takes up to 50 ms. Default what `wait` is. */
  measure?: boolean;
}

/** One session: a TMPDIR of its own, for whatever spawns the agent. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  readonly root: string;
  /** The directory that holds lease and TMPDIR. */
  readonly dir: string;
  readonly tmpdir: string;
  readonly backend: string;
  /** Between SIGTERM and SIGKILL, in ms. */
  readonly graceMs: number;
  /** Since when a write there is refused, looked at every 10 minutes; undefined as long as none was. */
  readonly lastPressure: Pressure | undefined;
  /** A copy of `base` with ours set and the harmful ones removed. */
  env(base?: NodeJS.ProcessEnv): Record<string, string>;
  /** What the agent's user should know, one line each; grows with the calls of `args`. */
  readonly warnings: readonly string[];
  /**
   * Arguments as the backend's profile wants them. They may name a settings file beside TMPDIR, made here,
   * that is gone with the session.
   * @throws QwRunError `ERR_QW_ISOLATION` in an isolated session: they would start the agent outside
   */
  args(command: string, args: readonly string[]): string[];
  /**
   * What to spawn for `command`: itself with its `args`, or, in an isolated session, what takes it inside.
   * `cwd` is the agent's working directory; default the session's.
   */
  command(command: string, args?: readonly string[], options?: { cwd?: string | undefined }): Invocation;
  /**
   * Names the agent's process in the lease.
   * @throws QwRunError `ERR_QW_NO_PROCESS` for what cannot be a pid, `ERR_QW_SESSION_ENDED`
   */
  adopt(pid: number): void;
  /** Says in the lease that the end has begun: should we die now, the watchdog ends the processes too. */
  beginEnd(): void;
  /** Ends what is left, removes TMPDIR. Never rejects for what it finds; twice is the same promise. */
  end(options?: EndOptions): Promise<EndReport>;
}
