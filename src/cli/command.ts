// What a qw-tmp command is, and what it is given; it gives its exit code.

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
