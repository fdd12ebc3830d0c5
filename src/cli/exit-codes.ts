// What the commands exit with besides the agent's own status: as coreutils' env, nohup and timeout do.

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
