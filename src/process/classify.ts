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

/** The members alone, for a look that sees nobody else. */
export const membersOf = (snapshot: Snapshot, question: Question): ProcessFacts[] =>
  membersAmong([...snapshot.processes.values()], question).members;

export function classify(snapshot: Snapshot, question: Question): Occupants {
  const all = [...snapshot.processes.values()];
  const { proven, spared, managed, members } = membersAmong(all, question);
  const isHere = (facts: ProcessFacts) =>
    managed.has(facts.pid) || facts.holds.some(({ dir }) => dir === question.dir);
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

interface Members {
  /** Pids, spared ones included. */
  proven: ReadonlySet<number>;
  spared: ReadonlySet<number>;
  /** Of those: managers, and all below them. */
  managed: ReadonlySet<number>;
  members: ProcessFacts[];
}

function membersAmong(all: readonly ProcessFacts[], question: Question): Members {
  const children = byParent(all);
  const proven = provenMembers(all, children, question);
  const isAgent = (facts: ProcessFacts) => isSame(facts, question.agent);
  const sparing = all.filter((facts) => proven.has(facts.pid) && !isAgent(facts) && question.isSpared(facts));
  const spared = withDescendants(sparing, children, () => true);
  const managed = withDescendants(sparing.filter(question.isManager), children, () => true);
  const members = all.filter(({ pid }) => proven.has(pid) && !spared.has(pid));
  return { proven, spared, managed, members };
}

function provenMembers(all: readonly ProcessFacts[], children: Children, question: Question): Set<number> {
  const { root, dir, agent, known, exempt } = question;
  const tmp = tmpDir(dir);
  const isOutside = (facts: ProcessFacts) => facts.tmpdir !== undefined && !isWithin(tmp, facts.tmpdir);
  const isElsewhere = (facts: ProcessFacts) =>
    isOutside(facts) && sessionOfPath(root, facts.tmpdir ?? '') !== undefined;
  // Whatever the agent started itself is its own, except the agent of a session beside this one.
  const ofAgent = withDescendants(
    all.filter((facts) => isSame(facts, agent)),
    children,
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
    proven = withDescendants(seeds, children, (facts) => !isOutside(facts));
  }
  for (const pid of exempt) proven.delete(pid);
  return proven;
}

type Children = ReadonlyMap<number, readonly ProcessFacts[]>;

function byParent(all: readonly ProcessFacts[]): Children {
  const children = new Map<number, ProcessFacts[]>();
  for (const facts of all) {
    const siblings = children.get(facts.ppid);
    if (siblings) siblings.push(facts);
    else children.set(facts.ppid, [facts]);
  }
  return children;
}

/** Pids of `seeds` and of all below them that `follow` lets through. */
function withDescendants(
  seeds: readonly ProcessFacts[],
  children: Children,
  follow: (facts: ProcessFacts) => boolean,
): Set<number> {
  const found = new Set(seeds.map(({ pid }) => pid));
  for (const parent of found) // those added meanwhile come last
    for (const facts of children.get(parent) ?? []) if (follow(facts)) found.add(facts.pid);
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
