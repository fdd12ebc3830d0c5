// Who belongs to a session, who only uses it: the decision about ending processes. Pure: a snapshot comes in.
// A member is proven by descent, by TMPDIR at its exec, by the mount namespace of an isolated session, or by
// the session id of a member. Holding alone proves nothing: it may be somebody's editor or shell.
import { isWithin, sessionOfPath, tmpDir } from '../root/layout.js';
import type { ProcessIdentity } from './identity.js';
import type { ProcessFacts } from './inspect.js';
import type { Snapshot } from './snapshot.js';
import type { Hold } from './watch.js';

export interface Question {
  root: string;
  /** Session directory. */
  dir: string;
  agent?: ProcessIdentity | undefined;
  /**
   * Processes already proven to be members, alive or dead: their session ids stay proof after their death.
   */
  known: readonly ProcessIdentity[];
  /** Never members: the owner, ourselves. */
  exempt: readonly number[];
  isSpared(facts: ProcessFacts): boolean;
  /** Of the spared: it runs commands for people, who go on working in its TMPDIR. */
  isManager(facts: ProcessFacts): boolean;
  /** An unreadable process may hold something here: decided by when it started (see `mayHold`). */
  isSuspect(facts: ProcessFacts): boolean;
}

export interface Occupants {
  /** Proven members, to be ended. */
  members: ProcessFacts[];
  /**
   * Members that are never ended, with all their descendants. A helper that has nothing open here does not
   * hold the session.
   */
  spared: ProcessFacts[];
  /** Others with something open under T, among them sockets of unreadable processes (pid 0). */
  holders: { pid: number; comm: string; holds: Hold[] }[];
  /** Processes of our uid that cannot be read and may hold something. */
  unreadable: ProcessFacts[];
}

export function classify(snapshot: Snapshot, question: Question): Occupants {
  const all = [...snapshot.processes.values()];
  const proven = provenMembers(all, question);
  const isAgent = (facts: ProcessFacts) => isSame(facts, question.agent);
  const sparing = all.filter((facts) => proven.has(facts.pid) && !isAgent(facts) && question.isSpared(facts));
  const spared = withDescendants(sparing, all, () => true);
  const managed = withDescendants(sparing.filter(question.isManager), all, () => true);
  const isHere = (facts: ProcessFacts) =>
    managed.has(facts.pid) || facts.holds.some(({ dir }) => dir === question.dir);
  const members = all.filter(({ pid }) => proven.has(pid) && !spared.has(pid));
  const isMember = (pid: number) => proven.has(pid) || spared.has(pid);
  const holders = all
    .filter(({ pid }) => !isMember(pid) && !question.exempt.includes(pid))
    .map(({ pid, comm, holds }) => ({ pid, comm, holds: holds.filter(({ dir }) => dir === question.dir) }));
  const strays = snapshot.strays.filter(({ dir }) => dir === question.dir);
  if (strays.length > 0) holders.push({ pid: 0, comm: 'unknown', holds: strays });
  return {
    members,
    spared: all.filter((facts) => spared.has(facts.pid) && isHere(facts)),
    holders: holders.filter(({ holds }) => holds.length > 0),
    unreadable: all.filter((facts) => !facts.readable && !isMember(facts.pid) && question.isSuspect(facts)),
  };
}

function provenMembers(all: ProcessFacts[], question: Question): Set<number> {
  const { root, dir, agent, known, exempt } = question;
  const tmp = tmpDir(dir);
  const isOutside = (facts: ProcessFacts) => facts.tmpdir !== undefined && !isWithin(tmp, facts.tmpdir);
  const isElsewhere = (facts: ProcessFacts) =>
    isOutside(facts) && sessionOfPath(root, facts.tmpdir ?? '') !== undefined;
  // Whatever the agent started itself is its own, except the agent of a session beside this one.
  const ofAgent = withDescendants(
    all.filter((facts) => isSame(facts, agent)),
    all,
    (facts) => !isElsewhere(facts),
  );
  // In the session's own mount namespace; who went on into another session there is that one's.
  const isInside = (facts: ProcessFacts) =>
    facts.holds.some((hold) => hold.what === 'namespace' && hold.dir === dir) && !isElsewhere(facts);
  const marked = all.filter(
    (facts) => (facts.tmpdir !== undefined && isWithin(tmp, facts.tmpdir)) || isInside(facts),
  );
  const knownAlive = all.filter((facts) => known.some((identity) => isSame(facts, identity)));
  const dead = [...known, ...(agent ? [agent] : [])].filter((identity) => !isReused(identity, all));
  // Below those that are not the living agent's, another TMPDIR is the documented way to opt out.
  let proven = new Set([...ofAgent, ...[...marked, ...knownAlive].map(({ pid }) => pid)]);
  for (let before = -1; before !== proven.size; ) {
    before = proven.size;
    const leaders = new Set([...proven, ...dead.map(({ pid }) => pid)]);
    const seeds = all.filter(
      (facts) => proven.has(facts.pid) || (leaders.has(facts.session) && !isOutside(facts)),
    );
    proven = withDescendants(seeds, all, (facts) => !isOutside(facts));
  }
  for (const pid of exempt) proven.delete(pid);
  return proven;
}

/** Pids of `seeds` and of all below them that `follow` lets through. */
function withDescendants(
  seeds: ProcessFacts[],
  all: ProcessFacts[],
  follow: (facts: ProcessFacts) => boolean,
): Set<number> {
  const found = new Set(seeds.map(({ pid }) => pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const facts of all) if (found.has(facts.ppid) && follow(facts)) found.add(facts.pid);
  }
  return found;
}

/**
 * Somebody else has that pid now: no process of its session is left, or the kernel would not have given it
 * away.
 */
const isReused = ({ pid, startTime }: ProcessIdentity, all: readonly ProcessFacts[]): boolean =>
  all.some((facts) => facts.pid === pid && facts.startTime !== startTime);

const isSame = (facts: ProcessFacts, identity: ProcessIdentity | undefined): boolean =>
  identity !== undefined && facts.pid === identity.pid && facts.startTime === identity.startTime;
