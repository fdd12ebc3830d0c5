// The way to a path as the kernel goes it, one component after the other, links followed: for code that has
// to check each component before it is read, or see whose it is.
import { normalize } from 'node:path';
import { fs, type Stats, systemCode, systemError } from '../fs.js';

export interface Lookup {
  /** Without links. */
  path: string;
  /** Of the component itself, also of a link; undefined where it is not there or not ours to read. */
  stat: Stats | undefined;
  /** Why there is no `stat`; undefined where it was not asked. */
  error: unknown;
  /** What of the path comes behind it; until the next one. */
  rest: readonly string[];
}

/**
 * Each component on the way to the absolute `path`, down to the first that is not there. One that may not be
 * asked is the last, and has no `stat` either. `isRaw`: paths have one character a byte. Throws `ELOOP` as
 * the system would, and where a link cannot be read.
 */
export function* lookups(
  path: string,
  mayAsk = (_path: string) => true,
  isRaw = false,
): Generator<Lookup, void> {
  const forSystem = (named: string) =>
    isRaw && /[\x80-\xff]/.test(named) ? Buffer.from(named, 'latin1') : named;
  const rest = path.split('/').filter(Boolean);
  let at = '';
  for (let links = 0; rest.length > 0; ) {
    const named = `${at}/${rest.shift()}`;
    const next = normalize(named); // without `..`, of a link's target too
    let stat: Stats | undefined;
    let error: unknown;
    try {
      stat = mayAsk(next) ? fs.lstatSync(forSystem(named)) : undefined;
    } catch (refusal) {
      systemCode(refusal);
      error = refusal;
    }
    yield { path: next, stat, error, rest };
    if (!stat) return;
    if (!stat.isSymbolicLink()) {
      at = next === '/' ? '' : next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw systemError('ELOOP', `${path} leads in circles`);
    const target = fs.readlinkSync(forSystem(named), isRaw ? 'latin1' : 'utf8');
    if (target.startsWith('/')) at = '';
    rest.unshift(...target.split('/').filter(Boolean));
  }
}

const MOST_LINKS = 40; // path_resolution(7)
