// Where the bundled programs are that we start ourselves: beside us when we are one of them, below dist/ for the library.
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';

/** The directory of the bins; undefined when somebody bundled us without them. */
export function binsDirectory(): string | undefined {
  const bins = typeof __dirname === 'string' ? __dirname : fileURLToPath(new URL('../bin', import.meta.url));
  return fs.existsSync(`${bins}/qw-watchdog.sh`) ? bins : undefined;
}

declare const __dirname: string;
