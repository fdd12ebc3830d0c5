// Where the bundled programs are that we start ourselves: beside us when we are one of them, below dist/ for
// the library.
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';

/** The directory of the bins; undefined when somebody bundled us without them. */
export function binsDirectory(): string | undefined {
  // Not by looking for `__dirname`: `node -e` has a global one, which is `.` for every module it loads.
  const { url }: { url?: string } = import.meta;
  const bins = url === undefined ? __dirname : fileURLToPath(new URL('../bin', url));
  return fs.existsSync(`${bins}/qw-watchdog.sh`) ? bins : undefined;
}

declare const __dirname: string;
