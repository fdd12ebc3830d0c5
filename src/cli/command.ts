// A command of qw-tmp: what it gets, and the exit code that it gives.

export interface Command {
  name: string;
  aliases?: readonly string[];
  /** One screen, examples first; and its options, besides those that every command takes. */
  help: string;
  run(input: CommandInput): Promise<number>;
}

export interface CommandInput {
  /** What is no option. */
  names: readonly string[];
  root: string | undefined;
  isJson: boolean;
  /** A switch was given. */
  has(option: string): boolean;
  /** The value of an option; of several the last. */
  value(option: string): string | undefined;
}

/** What both programs exit with besides the status of what they ran, as coreutils' env, nohup and timeout. */
export const EXIT = {
  /** qw-run: failed, or misused. */
  failed: 125,
  /** qw-run: the command was found and cannot be executed. */
  cannotExecute: 126,
  /** qw-run: no such command. */
  notFound: 127,
  /** qw-tmp: something fell short. */
  fellShort: 1,
  /** qw-tmp: misuse. */
  misuse: 2,
} as const;
