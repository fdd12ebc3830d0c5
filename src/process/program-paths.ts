// Where exec searches for a command's program. Pure.
import { delimiter, join, resolve } from 'node:path';

/** As execvp(3): an empty directory of PATH is the working directory. `cwd` is empty where it is ours. */
export function programPaths(
  file: string,
  cwd: string,
  { PATH = DEFAULT_PATH }: NodeJS.ProcessEnv,
): string[] {
  if (file === '') return [];
  const dirs = file.includes('/') ? [''] : PATH.split(delimiter);
  return dirs.map((dir) => (cwd === '' ? join(dir, file) : resolve(cwd, dir, file)));
}

const DEFAULT_PATH = '/usr/bin:/bin';
