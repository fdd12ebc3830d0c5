// Where a program's file really is: PATH and links followed, as exec would.
import { attempt, fs } from '../fs.js';
import { programPaths } from '../process/program-paths.js';
import type { Target } from './command-target.js';

export interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/**
 * Real path of what a command starts; undefined where there is none, and for packages: their runner finds
 * them.
 */
export function realPathOf({ word, kind }: Target, { env, cwd }: Place): string | undefined {
  if (word === '' || kind === 'package') return undefined;
  const file = kind === 'script' && !word.includes('/') ? `./${word}` : word;
  for (const path of programPaths(file, cwd, env)) {
    if (attempt(() => fs.statSync(path, { throwIfNoEntry: false }))?.isFile())
      return attempt(() => fs.realpathSync.native(path));
  }
  return undefined;
}
