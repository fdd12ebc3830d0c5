// Where a process hangs, as far as procfs shows it. Nothing is read that waits for the process itself: its
// links and two short files, never its memory (`cmdline`, `environ`, `maps`).

import { fs, quietly, readProc } from '../fs.js';
import { linkOf } from '../process/procfs.js';
import type { Failure } from '../remove/failure.js';

/** A path, and what the kernel waits for there; either may be empty. */
export interface Whereabouts {
  path: string;
  waitsIn: string;
}

/** `at`: what it said last of where it is. */
export function whereabouts(pid: number, at: string): Whereabouts {
  const waitsIn = quietly(() => readProc(`/proc/${pid}/wchan`))?.trim() ?? '';
  const fds = quietly(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? [];
  // The directory that it opened last.
  const open = fds
    .sort((a, b) => Number(b) - Number(a))
    .flatMap((fd) => quietly(() => linkOf(pid, `fd/${fd}`)) ?? [])
    .find((path) => path.startsWith('/') && !/^\/(dev|proc|sys)\//.test(path));
  return { path: open ?? at, waitsIn: waitsIn === '0' ? '' : waitsIn };
}

export const describePlace = ({ path, waitsIn }: Whereabouts): string =>
  [path && `at ${path}`, waitsIn && `(${waitsIn})`].filter(Boolean).join(' ');

interface Left {
  pid: number;
  where: Whereabouts;
  isGone: boolean;
}

/** The helper processes of a server that hung and were left behind. */
export function leftBehind() {
  let left: Left[] = [];
  const hanging = () => left.filter(({ isGone }) => !isGone);
  return {
    add: (pid: number, where: Whereabouts): void => {
      const gone = left.filter(({ isGone }) => isGone).slice(-MOST_GONE); // nobody may ask for them
      left = [...hanging(), ...gone, { pid, where, isGone: false }];
    },
    ended: (pid: number): void => {
      for (const one of left) if (one.pid === pid) one.isGone = true;
    },
    hanging,
    /** Those that hang, and those that did since this was asked last. */
    troubles: (): Failure[] => {
      const failures = left.map(asFailure);
      left = hanging();
      return failures;
    },
  };
}

export const describeLeft = ({ pid, where }: Left): string =>
  [`pid ${pid}`, describePlace(where)].filter(Boolean).join(' ');

const asFailure = ({ pid, where, isGone }: Left): Failure => ({
  path: where.path || '/',
  reason:
    `a helper process (pid ${pid}) ${isGone ? 'hung' : 'hangs'} ` +
    `here${where.waitsIn && ` (${where.waitsIn})`}`,
  hint: '',
});

const MOST_GONE = 3;
