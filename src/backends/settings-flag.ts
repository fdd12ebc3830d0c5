// `--settings` among an agent's arguments: a file's path or JSON, `--settings x` or `--settings=x`. Pure.

const FLAG = '--settings';

export interface SettingsFlag {
  /** Where the value stands in the arguments. */
  index: number;
  /** Behind `--settings=`. */
  isJoined: boolean;
  value: string;
}

/** Every `--settings` in order. Nothing after `--` counts. */
export function settingsFlags(args: readonly string[]): SettingsFlag[] {
  const flags: SettingsFlag[] = [];
  for (let index = 0; index < args.length && args[index] !== '--'; index += 1) {
    const arg = args[index] as string;
    if (arg.startsWith(`${FLAG}=`)) flags.push({ index, isJoined: true, value: arg.slice(FLAG.length + 1) });
    if (arg !== FLAG || index + 1 === args.length) continue;
    index += 1; // whatever the next word is, it is the value
    flags.push({ index, isJoined: false, value: args[index] as string });
  }
  return flags;
}

/** The same arguments with other files, one for each flag. */
export function replaceValues(
  args: readonly string[],
  flags: readonly SettingsFlag[],
  files: readonly string[],
): string[] {
  const changed = [...args];
  for (const [at, { index, isJoined }] of [...flags.entries()].reverse())
    changed.splice(isJoined ? index : index - 1, isJoined ? 1 : 2, settingsFlag(files[at] as string));
  return changed;
}

/**
 * One word, not two. When Claude quits it prints the command that resumes, with the flags it was started
 * with; two words would be printed, and the file is gone by then. With one it prints no flags (2.1.330,
 * 2.1.332): it leaves them out where the word of one has a dot.
 */
export const settingsFlag = (file: string): string => `${FLAG}=${file}`;
