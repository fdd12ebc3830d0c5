// What a story of Claude's background sessions can do, and be told.

export const PATIENCE = { timeoutMs: 90_000 };
export const ROOT = `/tmp/qw-${process.getuid?.()}`;
export const FREELY = '--dangerously-skip-permissions';

export interface Stage {
  /** As its person has it in PATH; another version can take its place. */
  program: string;
  work: string;
  env: Record<string, string>;
  update(): void;
  /** Runs Claude to its end, and gives what it printed. */
  claude(...args: string[]): Promise<string>;
  /** A session in the background, asked for behind a wrapper: its short name, and what was said beside. */
  background(task: string, wrapper?: readonly string[]): Promise<{ name: string; said: string }>;
  /** What the model was told of a TMPDIR that its commands do not get, each TMPDIR once. */
  strays(): string[];
  /** Notes what should not be. */
  expect(what: string, holds: boolean): void;
}
