// Where a command's program is looked for, as exec does it. Pure.
import { delimiter, join, resolve } from 'node:path';

/**
 * Itself where it names a directory, else in those of PATH, an empty one of which is the working directory
 * (execvp(3)). `cwd` is empty where it is ours.
 */
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
