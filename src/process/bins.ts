// Where the bundled programs are that we start ourselves: beside us when we are one of them, below us for the
// library.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';

/** The directory of the bins; undefined when somebody bundled us without them. */
export function binsDirectory(): string | undefined {
  // Not by looking for `__dirname`: `node -e` has a global one, which is `.` for every module it loads.
  const { url }: { url?: string } = import.meta;
  const here = url === undefined ? nameOfDirectory() : fileURLToPath(new URL('..', url));
  return [here, join(here, 'bin')].find((dir) => fs.existsSync(join(dir, 'qw-watchdog.sh')));
}

/** Who bundles us into an ES module has none. */
const nameOfDirectory = (): string => (typeof __dirname === 'undefined' ? '/' : __dirname);

declare const __dirname: string;
