// Who is proven to belong to a session, and by what: descent from the agent, an earlier look, the mount
// namespace, variables, the session (setsid) of a member, descent from a member. Pure. spare.ts decides who
// of them is spared.
import { basename } from 'node:path';
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { tmpDir } from '../root/layout.js';
import { type Evidence, holdsIn, type Reason } from './evidence.js';
import { type Is, living, type Question } from './question.js';
import { isFree, namesAnother, optedOut } from './variables-say.js';

export interface Proof {
  proven: ReadonlyMap<ProcessFacts, Evidence>;
  /** Below a member outside of the agent's tree, with a whole environment of another; or spared before. */
  guests: ReadonlyMap<ProcessFacts, Evidence>;
  /** Sessions (setsid) of members that somebody is in; see `Remembered`. */
  sids: ReadonlyMap<number, number>;
}

export interface Limits {
  /** Never part of the session, whatever the proof. */
  isNobody: Is;
  /** Descent from it proves nothing. */
  isEnd: Is;
  /** Variables prove something. */
  trustsVariables: boolean;
}

export function prove(table: ProcessTable, question: Question, limits: Limits): Proof {
  const proven = new Map<ProcessFacts, Evidence>();
  const remembered = rememberedSpared(table, question, limits);
  const guests = new Map(remembered);
  const ofAgent = new Set<ProcessFacts>();
  const ledBy = trustedSids(table, question);
  const newSids = [...ledBy.keys()];
  const queue: ProcessFacts[] = [];
  const add = (facts: ProcessFacts, reason: Reason, of?: ProcessFacts) => {
    if (proven.has(facts) || remembered.has(facts) || limits.isNobody(facts)) return;
    proven.set(facts, { reason, of });
    guests.delete(facts);
    queue.push(facts);
  };
  const addBelow = (parent: ProcessFacts) => {
    for (const facts of table.childrenOf(parent.pid)) {
      if (ofAgent.has(parent)) {
        // Whatever the agent started is its own, except the agent of a session beside this one.
        if (namesAnother(facts, question)) continue;
        ofAgent.add(facts);
        add(facts, 'below-agent');
      } else if (!isFree(facts, question)) add(facts, 'below-member', parent);
      else if (!proven.has(facts) && !limits.isNobody(facts))
        guests.set(facts, { reason: 'guest', of: parent });
    }
  };
  const addLed = (sid: number) => {
    // A daemon's guests, and theirs, may have stayed in its session.
    const isAway = sid === question.agent?.pid ? leftAgent : isFree;
    for (const facts of table.inSession(sid)) if (!isAway(facts, question)) add(facts, 'sid', ledBy.get(sid));
  };
  const drain = () => {
    for (let facts = queue.shift(); facts; facts = queue.shift()) {
      if (limits.isEnd(facts)) continue;
      addBelow(facts);
      if (facts.session !== facts.pid || ledBy.has(facts.pid)) continue;
      ledBy.set(facts.pid, facts);
      newSids.push(facts.pid);
    }
  };
  for (const [facts, reason] of seeds(table, question, limits)) {
    if (reason === 'agent') ofAgent.add(facts);
    add(facts, reason);
    if (reason === 'agent') drain(); // descent from it counts before all else
  }
  drain();
  for (let sid = newSids.shift(); sid !== undefined; sid = newSids.shift()) {
    addLed(sid);
    drain();
  }
  return { proven, guests, sids: sidsNow(table, ledBy) };
}

/** Whom the agent's session (setsid) does not prove a member. */
const leftAgent = (facts: ProcessFacts, question: Question): boolean =>
  optedOut(facts, question) || namesAnother(facts, question);

/** Who was spared since it works for others. Not what is below a manager that is private by now. */
function rememberedSpared(table: ProcessTable, { remembered }: Question, { isEnd }: Limits) {
  const found = new Map<ProcessFacts, Evidence>();
  for (const { identity, evidence } of remembered.spared) {
    const facts = living(table, identity);
    const above = living(table, evidence.of);
    const isPrivateNow = evidence.reason === 'below-manager' && above && !isEnd(above);
    if (facts && !isPrivateNow) found.set(facts, evidence);
  }
  return found;
}

/** Each with its own proof, the strongest first. */
function* seeds(
  table: ProcessTable,
  question: Question,
  { trustsVariables }: Limits,
): Generator<[ProcessFacts, Reason]> {
  const { agent, dir, remembered } = question;
  const itself = living(table, agent);
  if (itself) yield [itself, 'agent'];
  for (const identity of remembered.members) {
    const facts = living(table, identity);
    const isAway = identity.isLasting ? optedOut : isFree;
    if (facts && !isAway(facts, question)) yield [facts, 'seen'];
  }
  for (const facts of table.holding(dir)) {
    const isInside = holdsIn(facts, dir).some(({ what }) => what === 'namespace');
    // Who went on into another session belongs to that.
    if (isInside && !namesAnother(facts, question)) yield [facts, 'namespace'];
  }
  if (!trustsVariables) return;
  for (const facts of table.withTmpdirIn(tmpDir(dir))) if (!facts.isOthers) yield [facts, 'tmpdir'];
  for (const facts of table.withSessionId(basename(dir))) if (!facts.isOthers) yield [facts, 'session-id'];
}

/** Sessions (setsid) of members that are gone, where the number still means the same session. */
function trustedSids(table: ProcessTable, { remembered }: Question): Map<number, ProcessFacts | undefined> {
  const trusted = new Map<number, ProcessFacts | undefined>();
  for (const [sid, youngest] of remembered.sids) {
    // Another process has that pid now: so the session was empty, or the kernel would not have reused it.
    if (table.processes.has(sid)) continue;
    if (table.inSession(sid).some(({ startTime }) => startTime <= youngest)) trusted.set(sid, undefined);
  }
  return trusted;
}

function sidsNow(table: ProcessTable, ledBy: ReadonlyMap<number, unknown>): Map<number, number> {
  const now = new Map<number, number>();
  for (const sid of ledBy.keys()) {
    const times = table.inSession(sid).map(({ startTime }) => startTime);
    if (times.length > 0) now.set(sid, Math.max(...times));
  }
  return now;
}
