// What a session is to those who use it.

import type { AgentExit, EndReport } from '../end/end-report.js';
import { FLAG, type OptionNames, SIGNAL, TEXT } from '../known-options.js';
import type { Duration } from '../options.js';
import type { Pressure } from '../space/probe.js';

export type { AgentExit, EndReport };

/** A program and its arguments, for any way to spawn. */
export interface Invocation {
  file: string;
  args: string[];
}

export interface EndOptions {
  /** Leave the directory; only `qw-tmp rm` removes it then. */
  keep?: boolean | undefined;
  /** Between SIGTERM and SIGKILL. Default as the session was opened. */
  grace?: Duration | undefined;
  /** When aborted: SIGKILL now instead of after the grace period. */
  hurry?: AbortSignal | undefined;
  /** Report what was largest even where the disk never ran full: up to 50 ms. Default: as `wait`. */
  measure?: boolean | undefined;
  /** How the agent ended by itself, for the receipt: as Node's `exit` event says it. */
  exit?: AgentExit | undefined;
}

export interface CommandOptions {
  /** The agent's working directory. Default the session's. */
  cwd?: string | undefined;
}

export const END: OptionNames<EndOptions> = {
  ...{ keep: FLAG, grace: true, hurry: SIGNAL, measure: FLAG, exit: true },
};
export const COMMAND: OptionNames<CommandOptions> = { cwd: TEXT };

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
  /**
   * `listener` hears of `lastPressure` once, when it is noticed; gives the undo. What it throws or rejects
   * with is dropped.
   */
  onPressure(listener: (pressure: Pressure) => unknown): () => void;
  /**
   * A copy of `base` (default `process.env`) with our variables set and the harmful ones removed.
   * @throws QwRunError `ERR_QW_SESSION_ENDED` once `end()` was called, whatever became of the directory
   */
  env(base?: NodeJS.ProcessEnv): Record<string, string>;
  /** What the agent's user should know, one line each; grows with the calls of `args` and `adopt`. */
  readonly warnings: readonly string[];
  /**
   * Arguments as the backend's profile wants them. They may name a settings file beside TMPDIR, made here,
   * that is gone with the session.
   * @throws QwRunError `ERR_QW_ISOLATION` in an isolated session: they would start the agent outside;
   *   `ERR_QW_SESSION_ENDED`
   */
  args(command: string, args: readonly string[]): string[];
  /**
   * What to spawn for `command`: itself with its `args`, or, in an isolated session, what takes it inside.
   * @throws QwRunError `ERR_QW_ISOLATION` in an isolated session whose keeper was killed, or where `cwd` or
   *   the program cannot be seen inside; `ERR_QW_SESSION_ENDED`; `ERR_QW_USAGE` for an unknown option
   */
  command(command: string, args?: readonly string[], options?: CommandOptions): Invocation;
  /**
   * Names the agent's process in the lease: a child of this process, or one that began after the session and
   * has its environment.
   * @throws QwRunError `ERR_QW_NO_PROCESS` for any other, with the reason; `ERR_QW_SESSION_ENDED`
   */
  adopt(pid: number): void;
  /** Says in the lease that the end has begun: should we die now, the watchdog ends the processes too. */
  beginEnd(): void;
  /**
   * Ends what is left, removes TMPDIR. Never rejects for what it finds; twice is the same promise. Sessions
   * that end at the same time cost one grace period.
   * @throws QwRunError `ERR_QW_USAGE` (rejects) for an invalid option: then nothing has begun
   */
  end(options?: EndOptions): Promise<EndReport>;
}
