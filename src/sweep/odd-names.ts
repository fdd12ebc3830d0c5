// Entries whose names are no UTF-8. A unit is named by text, so they are never swept. They go with their
// session.
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import type { Failure } from '../remove/failure.js';

/** Those in `dir`, each as something that stays; a byte that is no UTF-8 is shown as U+FFFD. */
export const oddNames = (dir: string): Failure[] =>
  (attempt(() => fs.readdirSync(dir, { encoding: 'buffer' })) ?? [])
    .filter((name) => !isUtf8(name))
    .map((name) => ({
      path: join(dir, name.toString()),
      reason: 'its name is not UTF-8, so it stays until its session ends',
      hint: '',
    }));
