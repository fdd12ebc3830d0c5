// The way to a path as the kernel goes it, one component after the other, links followed: for code that has
// to check each component before it is read, or see whose it is.
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';

export interface Lookup {
  /** Without links. */
  path: string;
  /** Of the component itself, also of a link; undefined where it is not there or not ours to read. */
  stat: { uid: number; mode: number; isSymbolicLink(): boolean } | undefined;
}

/**
 * Each component on the way to the absolute `path`, down to the first that is not there. One that may not be
 * asked is the last, and has no `stat` either. Throws `ELOOP` as the system would.
 */
export function* lookups(path: string, mayAsk = (_path: string) => true): Generator<Lookup> {
  const rest = path.split('/').filter(Boolean);
  let at = '/';
  for (let links = 0; rest.length > 0; ) {
    const next = join(at, rest.shift() as string); // of a link's target `..` too
    const stat = mayAsk(next) ? attempt(() => fs.lstatSync(next, { throwIfNoEntry: false })) : undefined;
    yield { path: next, stat };
    if (!stat) return;
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw Object.assign(new Error(`${path} leads in circles`), { code: 'ELOOP' });
    const target = fs.readlinkSync(next);
    if (target.startsWith('/')) at = '/';
    rest.unshift(...target.split('/').filter(Boolean));
  }
}

const MOST_LINKS = 40; // the kernel's own limit
