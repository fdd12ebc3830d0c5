// What every qw-tmp command is given; it gives its exit code.

export interface CommandInput {
  ids: readonly string[];
  root: string | undefined;
  isJson: boolean;
  isForced: boolean;
  time: string | undefined;
  reap: {
    isDryRun: boolean;
    maxAge: string | undefined;
    orphans: string | undefined;
    isLegacy: boolean;
    low: string | undefined;
    target: string | undefined;
  };
}
