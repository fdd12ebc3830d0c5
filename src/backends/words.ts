// The words of a command line. Pure.

/** What is before a `--`. */
export const options = (args: readonly string[]): readonly string[] =>
  args.includes('--') ? args.slice(0, args.indexOf('--')) : args;

/** The words that are neither options nor their values. */
export const positionals = (args: readonly string[], takesValue: readonly string[]): string[] =>
  args.filter((word, at) => !word.startsWith('-') && !takesValue.includes(args[at - 1] ?? ''));

/** `NAME=value`. */
export const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
