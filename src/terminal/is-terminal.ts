// Whether a descriptor is a terminal (isatty(3)). node:tty loads all of net and stream with it, a fifth of
// what we add to a start: so it is asked only about a device that may be one.
import { createRequire } from 'node:module';
import { fs, quietly, type Stats } from '../fs.js';

export function isTerminal(fd: number): boolean {
  const stat = quietly(() => fs.fstatSync(fd));
  if (stat && (!stat.isCharacterDevice() || isNull(stat))) return false;
  const { isatty }: typeof import('node:tty') = createRequire(process.execPath)('node:tty');
  return isatty(fd);
}

const isNull = ({ rdev }: Stats): boolean => quietly(() => fs.statSync('/dev/null'))?.rdev === rdev;
