// What of a TMPDIR may go when some of it has to stay: everything that is not on the way to the work.
import { join } from 'node:path';
import { attempt, fs, openBelow } from '../fs.js';
import { isWithin } from '../root/layout.js';

/** Paths below `tmp` that hold none of `work`; what is beside the way there, as far up as possible. */
export function besideWork(tmp: string, work: readonly { path: string }[]): string[] {
  const isWork = (path: string) => work.some((one) => one.path === path);
  const isOnTheWay = (path: string) => work.some((one) => isWithin(path, one.path));
  const beside = (dir: string): string[] =>
    namesIn(tmp, dir).flatMap((name) => {
      const path = join(dir, name);
      if (isWork(path)) return [];
      return isOnTheWay(path) ? beside(path) : [path];
    });
  return isWork(tmp) ? [] : beside(tmp);
}

/** None where the way leads through a link by now. */
function namesIn(tmp: string, dir: string): string[] {
  const open = attempt(() => openBelow(tmp, dir));
  if (!open) return [];
  try {
    return fs.readdirSync(open.base);
  } finally {
    open.close();
  }
}
