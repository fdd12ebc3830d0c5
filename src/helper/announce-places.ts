// Where the helper is at work, said before each call that may hang there: afterwards nobody can. It is said
// on stderr, in a write that is done when it returns.
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';

/** How a line that names a place begins. */
export const AT = 'at ';

/**
 * From now on each call of the file system announces its place, unless it is the one of the call before: a
 * root, a session, a directory of an agent. Gives a function after which any place is a new one.
 */
export function announcePlaces(): () => void {
  let last = '';
  let saidAt = Number.NEGATIVE_INFINITY;
  const announce = (path: unknown) => {
    // By their descriptors things are named below a place that was announced.
    if (typeof path !== 'string' || path.startsWith('/proc/')) return;
    const { place, isSession } = placeOf(path);
    // The server has to read it: of thousands of sessions it hears now and then.
    if (place === last || (isSession && monotonicMs() - saidAt < SELDOM_MS)) return;
    last = place;
    saidAt = monotonicMs();
    quietly(() => writeSync(2, `${AT}${place.replaceAll('\n', '?')}\n`));
  };
  const door = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const { writeSync } = fs;
  for (const [name, call] of Object.entries(door)) {
    const announced = (...args: unknown[]) => {
      announce(args[0]);
      return call(...args);
    };
    door[name] = Object.assign(announced, call); // realpathSync has a function of its own, `native`
  }
  return () => {
    last = '';
  };
}

/** Not each file of a session by itself. */
function placeOf(path: string): { place: string; isSession: boolean } {
  const parts = path.split('/', DEPTH + 1);
  const session = parts.findIndex((part) => SESSION.test(part));
  return { place: (session < 0 ? parts : parts.slice(0, session + 1)).join('/'), isSession: session >= 0 };
}

/** In its place, or in the trash. */
const SESSION = /^[a-z0-9]{8}(\.|$)/;
const DEPTH = 6;
const SELDOM_MS = 50;
