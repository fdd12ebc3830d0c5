// Who keeps a session's directory from being removed, told so that a person can act on it.
import type { Occupants } from '../process/classify.js';
import type { ProcessFacts } from '../process/inspect.js';
import type { Hold } from '../process/watch.js';

export interface Remaining {
  /** 0 when it could not be found out. */
  pid: number;
  name: string;
  /**
   * `member`: left on request, or it resists SIGKILL. `spared`: never ended. `holder`: only uses something
   * here.
   */
  why: 'member' | 'spared' | 'holder' | 'unreadable';
  /** What it has open here: `cwd`, `file <path>` … */
  holds: string[];
}

export function remaining({ members, spared, holders, unreadable }: Occupants, dir: string): Remaining[] {
  const tell =
    (why: Remaining['why']) =>
    ({ pid, comm, holds }: Pick<ProcessFacts, 'pid' | 'comm' | 'holds'>): Remaining => ({
      pid,
      name: comm,
      why,
      holds: describe(holds.filter((hold) => hold.dir === dir)),
    });
  return [
    ...members.map(tell('member')),
    ...spared.map(tell('spared')),
    ...holders.map(tell('holder')),
    ...unreadable.map(tell('unreadable')),
  ];
}

const describe = (holds: readonly Hold[]): string[] => [
  ...new Set(holds.map(({ what, path }) => (what === 'cwd' ? 'cwd' : `${what} ${path}`))),
];
