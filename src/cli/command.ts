// What a qw-tmp command is, and what it is given; it gives its exit code.
import type { Options } from './parse-options.js';

export interface Command {
  name: string;
  aliases?: readonly string[];
  /** One screen, examples first. */
  help: string;
  /** Besides those that every command takes. */
  options: Options;
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
