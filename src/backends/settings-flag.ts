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

/** The same arguments with other values, one for each flag. */
export function replaceValues(
  args: readonly string[],
  flags: readonly SettingsFlag[],
  values: readonly string[],
): string[] {
  const changed = [...args];
  flags.forEach(({ index, isJoined }, at) => {
    changed[index] = `${isJoined ? `${FLAG}=` : ''}${values[at]}`;
  });
  return changed;
}
