// Where a program's file really is: PATH and links followed, as exec would.
import { delimiter, join, resolve } from 'node:path';
import { attempt, fs } from '../fs.js';
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
  const dirs =
    kind === 'script' || word.includes('/') ? [''] : (env['PATH'] ?? DEFAULT_PATH).split(delimiter);
  for (const dir of dirs) {
    const path = resolve(cwd, join(dir, word));
    if (attempt(() => fs.statSync(path, { throwIfNoEntry: false }))?.isFile())
      return attempt(() => fs.realpathSync.native(path));
  }
  return undefined;
}

const DEFAULT_PATH = '/usr/bin:/bin'; // execvp(3)
