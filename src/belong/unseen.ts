// Whom nobody may look at. Unreadable is not nobody, and not everybody. ssh-agent, gpg-agent and a browser's
// sandboxed children forbid even their own user to look (prctl(2), PR_SET_DUMPABLE). One counts only if it
// began while the session lived and there is a bound socket in the TMPDIR that nobody readable has. Pure.
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import type { Hold } from '../process/watch.js';
import { asOccupants, type Occupants } from './evidence.js';
import type { Is, Question } from './question.js';

/** `aside`: key agents that have nothing else there. */
export function unseen(
  table: ProcessTable,
  { dir, beganInside, kindOf }: Question,
  isKnown: Is,
): Pick<Occupants, 'unreadable' | 'aside' | 'strays'> {
  const strays = table.strays.filter((hold) => hold.dir === dir);
  if (strays.length === 0) return { unreadable: [], aside: [], strays };
  const suspects = table.unreadable.filter((facts) => !isKnown(facts) && beganInside(facts));
  const keepers = suspects.filter((facts) => KEYS.has(kindOf(facts) ?? ''));
  const others = suspects.filter((facts) => !keepers.includes(facts));
  const isKeepers = ({ what, path }: Hold) =>
    what === 'socket' && keepers.length > 0 && (others.length === 0 || KEYS_SOCKET.test(path));
  const left = strays.filter((hold) => !isKeepers(hold));
  const unreadable = left.some(({ what }) => what === 'socket') ? others : [];
  return {
    unreadable: asOccupants(unreadable, 'unreadable'),
    aside: asOccupants(left.length < strays.length ? keepers : [], 'keys'),
    strays: left.filter(({ what }) => what !== 'socket' || unreadable.length === 0),
  };
}

/**
 * sudo and its kind run as another user: only their parents prove whose they are. One that lost these before
 * anybody looked is named: it may go on for this session.
 */
export function mayBe(table: ProcessTable, { beganInside }: Question, isOwnersOwn: Is): ProcessFacts[] {
  const isLost = ({ ppid }: ProcessFacts) => {
    const parent = table.processes.get(ppid);
    return parent === undefined || ppid === 1 || isOwnersOwn(parent);
  };
  const asking = table.others.filter(({ comm }) => ASKING.has(comm));
  return asking.filter((facts) => facts.isRealOwn && isLost(facts) && beganInside(facts));
}

const KEYS: ReadonlySet<string> = new Set(['keys', 'ssh-agent']);
/** The sockets of ssh-agent and gpg-agent. */
const KEYS_SOCKET = /\/(ssh-[^/]+\/agent\.\d+|S\.gpg-agent[^/]*)$/;
const ASKING: ReadonlySet<string> = new Set(['sudo', 'su', 'doas', 'pkexec']);
