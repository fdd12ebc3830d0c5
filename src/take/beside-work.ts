// What of a TMPDIR may go when there is work in it: everything that is not on the way to the work.
import { join } from 'node:path';
import { fs, openBelow, quietly, whileOpen } from '../fs.js';
import { isWithin } from '../root/layout.js';
import { UNIT_CLAIM } from './claim.js';

export interface Beside {
  /** The directories that lead to the work. */
  way: string[];
  /** What is in them and holds no work. Not the claims of other removers. */
  beside: string[];
}

/** Looks along the ways from `tmp` to `work`. */
export function besideWork(tmp: string, work: readonly { path: string }[]): Beside {
  const found: Beside = { way: [], beside: [] };
  const isOnTheWay = (path: string) => work.some((one) => isWithin(path, one.path));
  const isWork = (path: string) => work.some((one) => one.path === path);
  const look = (dir: string): void => {
    if (isWork(dir)) return;
    found.way.push(dir);
    for (const name of namesIn(tmp, dir)) {
      const path = join(dir, name);
      if (isOnTheWay(path)) look(path);
      else if (!name.startsWith(UNIT_CLAIM)) found.beside.push(path);
    }
  };
  look(tmp);
  return found;
}

/** None where the way leads through a link by now, or the system refuses: what is not seen stays. */
function namesIn(tmp: string, dir: string): string[] {
  return quietly(() => whileOpen(openBelow(tmp, dir), ({ base }) => fs.readdirSync(base))) ?? [];
}
