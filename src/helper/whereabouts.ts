// Where a process hangs, as far as procfs tells it. Nothing is asked that waits for the process itself: its
// links and two short files, never its memory (`cmdline`, `environ`, `maps`).
import { fs, quietly } from '../fs.js';

/** A path, and what the kernel waits for there; either may be empty. */
export interface Whereabouts {
  path: string;
  waitsIn: string;
}

/** `at`: what it said last of where it is. */
export function whereabouts(pid: number, at: string): Whereabouts {
  const waitsIn = quietly(() => fs.readFileSync(`/proc/${pid}/wchan`, 'utf8'))?.trim() ?? '';
  const fds = quietly(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? [];
  // The directory that it opened last.
  const open = fds
    .sort((a, b) => Number(b) - Number(a))
    .flatMap((fd) => quietly(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [])
    .find((path) => path.startsWith('/') && !/^\/(dev|proc|sys)\//.test(path));
  return { path: open ?? at, waitsIn: waitsIn === '0' ? '' : waitsIn };
}

export const describePlace = ({ path, waitsIn }: Whereabouts): string =>
  [path && `at ${path}`, waitsIn && `(${waitsIn})`].filter(Boolean).join(' ');
