// Who keeps a session's directory from being removed, or runs on beside it, in words a person can act on.
import { evidenceText, holdsIn, type Occupant, type Occupants } from '../belong/evidence.js';
import type { Hold } from '../process/watch.js';

export interface Remaining {
  /** 0 when it could not be found out. */
  pid: number;
  name: string;
  /** `member`: left on request, or resists SIGKILL. `spared`: never ended. `holder`: only uses something. */
  why: 'member' | 'spared' | 'holder' | 'unreadable';
  /** What it has open here: `cwd`, `file <path>` … */
  holds: string[];
  /** What made it that: a row of the table in docs/processes.md, and in words. */
  reason: string;
  evidence: string;
}

/** Who keeps the directory. */
export const remaining = (found: Occupants, dir: string): Remaining[] => [
  ...found.members.map(asRemaining('member', dir)),
  ...found.spared.map(asRemaining('spared', dir)),
  ...found.users.map(asRemaining('holder', dir)),
  ...unknown(found.strays),
  ...found.unreadable.map(asRemaining('unreadable', dir)),
];

/** Who runs on and does not keep it. */
export const runningOn = ({ aside }: Occupants, dir: string): Remaining[] =>
  aside.map(asRemaining('spared', dir));

const asRemaining =
  (why: Remaining['why'], dir: string) =>
  ({ facts, evidence }: Occupant): Remaining => ({
    pid: facts.pid,
    name: facts.comm,
    why,
    holds: formatHolds(holdsIn(facts, dir)),
    reason: evidence.reason,
    evidence: evidenceText(evidence),
  });

/** One entry for all that nobody can be named for. */
function unknown(strays: readonly Hold[]): Remaining[] {
  if (strays.length === 0) return [];
  const evidence = [...new Set(strays.map(({ what }) => STRAYS[what] ?? OPEN))].join('; ');
  return [{ pid: 0, name: 'unknown', why: 'holder', holds: formatHolds(strays), reason: 'open', evidence }];
}

const formatHolds = (holds: readonly Pick<Hold, 'what' | 'path'>[]): string[] => [
  ...new Set(holds.map(({ what, path }) => (what === 'cwd' ? 'cwd' : `${WORDS[what] ?? what} ${path}`))),
];

const STRAYS: Partial<Record<Hold['what'], string>> = {
  socket: 'a bound socket, of somebody who cannot be seen',
  mount: 'mounted elsewhere: umount it',
  layer: 'a layer of an overlay: umount that',
  loop: 'a loop device: losetup -d',
  more: 'not all that processes have open could be looked at in time',
};
const WORDS: Partial<Record<Hold['what'], string>> = { more: 'perhaps more in' };
const OPEN = 'open there, by somebody who cannot be seen';
