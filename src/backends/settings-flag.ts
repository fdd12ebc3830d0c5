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

/** Every `--settings` names `file`: versions differ in whether the first or the last counts. Without one it comes first. */
export function withSettings(args: readonly string[], file: string): string[] {
  const flags = settingsFlags(args);
  if (flags.length === 0) return [FLAG, file, ...args];
  const changed = [...args];
  for (const { index, isJoined } of flags) changed[index] = isJoined ? `${FLAG}=${file}` : file;
  return changed;
}
