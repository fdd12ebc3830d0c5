// Agents whose daemon runs the commands of all their terminals: where it runs those of one start, and what
// keeps them in the session. Which flags and variables do that was tried (docs/evidence/backends.md). Pure.
import type { Version } from './version.js';

/** `own`: the commands of a session run in it. `shared`: in the daemon, whoever started that. */
export const DAEMON_CHOICES = ['own', 'shared'] as const;
export type DaemonChoice = (typeof DAEMON_CHOICES)[number];

export interface DaemonStart {
  /** What the user asked of us; undefined where they did not. */
  wanted: DaemonChoice | undefined;
  /** The agent's own arguments, as far as they can be seen. */
  args: readonly string[];
  /** Arguments can be added to them. */
  canAdd: boolean;
  /** The environment it is started from. */
  env: NodeJS.ProcessEnv;
  /** Looked at when they are asked for. */
  settings: {
    readonly version: Version | undefined;
    readonly found: readonly { content: Record<string, unknown> }[];
  };
  session: { id: string; tmpdir: string };
}

export interface DaemonUse {
  /**
   * What it starts would hand its environment to the commands of other terminals: it gets nothing of the
   * session.
   */
  isOutside?: boolean;
  /** Put before its own arguments. */
  args?: readonly string[];
  /** Variables of its own; those that are undefined are taken out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What its user should know, one line. */
  warning?: string;
}

/** No daemon has to do with it. */
export const NO_DAEMON: DaemonUse = {};

/** For a start whose commands run in the daemon. */
export const inDaemon = (agent: string, env: DaemonUse['env'] = {}): DaemonUse => ({
  isOutside: true,
  env,
  warning:
    `${agent} runs its commands in the daemon that all its terminals share: ` +
    'they do not get this TMPDIR, and go on when the agent ends',
});

/** Words before a `--`: behind it there are no options. */
export const options = (args: readonly string[]): readonly string[] =>
  args.includes('--') ? args.slice(0, args.indexOf('--')) : args;

/** The words that are neither options nor their values. */
export const positionals = (args: readonly string[], takesValue: readonly string[]): string[] =>
  args.filter((word, at) => !word.startsWith('-') && !takesValue.includes(args[at - 1] ?? ''));
