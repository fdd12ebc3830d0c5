// The programs of the spare list, as they are to one session: one that nobody else can reach is private.
// Pure.
import type { SpareKind } from '../backends/spared.js';
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { type Is, isSame, type Question } from './question.js';
import { namesIt } from './variables-say.js';

export interface Listed {
  /** It runs commands for people; never one that is private. */
  isManager: Is;
  isHelper: Is;
  /** gpg-agent; ssh-agent that does not name the session. */
  keepsKeys: Is;
  kindOf: Question['kindOf'];
  /** The manager it is below, before the agent or what the owner descends from is met. */
  managerAbove: Above;
  /** The same of a helper, or who keeps keys. */
  helperAbove: Above;
}
type Above = (facts: ProcessFacts) => ProcessFacts | undefined;

/** `isOwnersOwn`: the owner, and what it descends from. */
export function listed(table: ProcessTable, question: Question, isOwnersOwn: Is): Listed {
  const kindOf = remembering((facts) => (isSame(facts, question.agent) ? undefined : question.kindOf(facts)));
  const isShared = (facts: ProcessFacts) => !isClient(facts, table) && isOpen(facts, question);
  const isManager = (facts: ProcessFacts) =>
    kindOf(facts) === 'manager' || (kindOf(facts) === 'multiplexer' && isShared(facts));
  const isHelper = (facts: ProcessFacts) =>
    kindOf(facts) === 'service' || (HELPERS.has(kindOf(facts)) && !isPrivate(facts, question));
  const keepsKeys = (facts: ProcessFacts) =>
    kindOf(facts) === 'keys' || (kindOf(facts) === 'ssh-agent' && !namesIt(facts, question));
  // Orphans become children of pid 1 and of service managers, whoever started them.
  const isEnd = (at: ProcessFacts) => at.pid === 1 || isSame(at, question.agent) || isOwnersOwn(at);
  const isServing = (at: ProcessFacts) => kindOf(at) !== 'service' && (isHelper(at) || keepsKeys(at));
  return {
    isManager,
    isHelper,
    keepsKeys,
    kindOf,
    managerAbove: nearestAbove(table, isManager, isEnd),
    helperAbove: nearestAbove(table, isServing, isEnd),
  };
}

const HELPERS: ReadonlySet<SpareKind | undefined> = new Set(['helper', 'host']);

/** Each ancestor is asked about once, however many descend from it. */
function nearestAbove(table: ProcessTable, isOne: Is, isEnd: Is): Above {
  const known = new Map<ProcessFacts, ProcessFacts | undefined>();
  return (facts) => {
    const way: ProcessFacts[] = [];
    let found: ProcessFacts | undefined;
    let at: ProcessFacts | undefined = facts;
    while (at && !known.has(at)) {
      known.set(at, undefined); // a pid reused during the look may close a circle
      way.push(at);
      const parent: ProcessFacts | undefined = table.processes.get(at.ppid);
      const isPast = !parent || isEnd(parent);
      if (!isPast && isOne(parent)) found = parent;
      at = isPast || found ? undefined : parent;
    }
    found ??= at && known.get(at);
    for (const one of way) known.set(one, found);
    return found;
  };
}

function remembering<T>(decide: (facts: ProcessFacts) => T): (facts: ProcessFacts) => T {
  const known = new Map<ProcessFacts, T>();
  return (facts) => {
    if (!known.has(facts)) known.set(facts, decide(facts));
    return known.get(facts) as T;
  };
}

/** All its doors lie in the TMPDIR: nobody else can reach it. TCP and abstract sockets are no doors. */
const isPrivate = ({ doors = [] }: ProcessFacts, { dir }: Question): boolean =>
  doors.length > 0 && doors.every(({ path }) => isWithin(tmpDir(dir), path));

/** Of a multiplexer: it is not private, or somebody is at its doors. */
const isOpen = (facts: ProcessFacts, question: Question): boolean =>
  !isPrivate(facts, question) || (facts.doors ?? []).some(({ peers }) => peers > 0);

/** Of a multiplexer: it has neither doors nor commands below it, and is at somebody's door itself. */
const isClient = ({ pid, doors }: ProcessFacts, table: ProcessTable): boolean =>
  doors?.length === 0 && table.childrenOf(pid).length === 0;
