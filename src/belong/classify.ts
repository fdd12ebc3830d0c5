// Who belongs to a session, who is spared, who only uses it: the decision about ending processes. Pure. The
// rules are the table in docs/processes.md; its rows are the reasons here, and the first that fits counts. An
// open file alone proves nothing: it may be somebody's editor or shell.
import { basename } from 'node:path';
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { moreIn } from '../process/watch.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { asOccupants, type Evidence, holdsIn, type Occupant, type Occupants } from './evidence.js';
import { type Listed, listed } from './listed.js';
import { type Proof, prove } from './prove.js';
import type { Is, Question } from './question.js';
import { spare } from './spare.js';
import { mayBe, unseen } from './unseen.js';

export function classify(table: ProcessTable, question: Question): Occupants {
  const { dir } = question;
  const isOwnersOwn = ownersOwn(table, question);
  const isNobody = (facts: ProcessFacts) => question.exempt.includes(facts.pid) || isOwnersOwn(facts);
  const lists = listed(table, question, isOwnersOwn);
  const { proof, leftManager } = proveBeside(table, question, lists, isNobody);
  const { spared, members } = spare({ table, agent: question.agent, proof, lists, isNobody });
  const isKnown = (facts: ProcessFacts) => members.has(facts) || spared.has(facts) || isNobody(facts);
  const open = table.holding(dir).filter((facts) => !isKnown(facts) && !leftManager.has(facts));
  // Claude's daemon has it for all whose sessions it will start.
  const handsOn = (facts: ProcessFacts) =>
    lists.kindOf(facts) === 'host' && isWithin(tmpDir(dir), facts.variables?.tmpdir ?? '');
  const keeps = ([facts, { reason }]: [ProcessFacts, Evidence]) =>
    WHOLE.has(reason) ||
    handsOn(facts) ||
    holdsIn(facts, dir).some(({ what }) => reason !== 'keys' || what !== 'socket');
  const hidden = unseen(table, question, isKnown);
  const others = insiders(table, question).filter(({ isOthers }) => isOthers);
  const lost = mayBe(table, question, isOwnersOwn);
  const unknown = (found: ProcessFacts[]) => found.filter((facts) => !isKnown(facts));
  // Not all could be looked at: somebody may be there.
  const unlooked = table.isPartial ? [{ ...moreIn(dir), path: dir + whyPartial(table) }] : [];
  return {
    members: withEvidence(members),
    spared: withEvidence([...spared].filter(keeps)),
    aside: [
      ...withEvidence([...spared].filter((one) => !keeps(one))),
      ...hidden.aside,
      ...asOccupants(unknown(others), 'other-user'), // only root can see their variables
      ...asOccupants(unknown(lost), 'may-be'),
    ],
    users: [...withEvidence(leftManager), ...asOccupants(open, 'open')],
    unreadable: hidden.unreadable,
    strays: [...hidden.strays, ...unlooked],
    sids: proof.sids,
  };
}

function whyPartial({ slowest, deepest }: ProcessTable): string {
  if (slowest) return ` (${slowest} takes long to look at)`;
  return deepest ? ` (${deepest} has something open whose path is too long)` : '';
}

/** Those whose variables name the session, once each. */
const insiders = (table: ProcessTable, { dir }: Question): ProcessFacts[] => [
  ...new Set([...table.withTmpdirIn(tmpDir(dir)), ...table.withSessionId(basename(dir))]),
];

/** They run commands for people: the TMPDIR stays whole as long as they live. */
const WHOLE: ReadonlySet<Evidence['reason']> = new Set(['manager', 'below-manager']);

/**
 * The living owner and its ancestors: older than the session, and no part of it. An owner with the session's
 * own variables has become its agent, and is.
 */
function ownersOwn(table: ProcessTable, question: Question): Is {
  const { owner, isOwnerAgent } = question;
  if (owner === undefined) return () => false;
  const isAgent = isOwnerAgent && insiders(table, question).some(({ pid }) => pid === owner);
  const own = new Set([...(isAgent ? [] : [owner]), ...table.ancestorsOf(owner).map(({ pid }) => pid)]);
  return ({ pid }) => own.has(pid);
}

/** While a manager of this session lives, it passes the variables on to anybody: then they prove nothing. */
function proveBeside(
  table: ProcessTable,
  question: Question,
  lists: Listed,
  isNobody: Is,
): { proof: Proof; leftManager: ReadonlyMap<ProcessFacts, Evidence> } {
  const { isManager, isHelper, keepsKeys } = lists;
  const isEnd = (facts: ProcessFacts) => isManager(facts) || isHelper(facts) || keepsKeys(facts);
  const limits = { isNobody, isEnd, trustsVariables: true };
  const proof = prove(table, question, limits);
  const isOwnManager = (facts: ProcessFacts) => isManager(facts) && !lists.managerAbove(facts);
  const leftManager = new Map<ProcessFacts, Evidence>();
  if (![...proof.proven.keys()].some(isOwnManager)) return { proof, leftManager };
  const strict = prove(table, question, { ...limits, trustsVariables: false });
  const proven = new Map(strict.proven);
  for (const [facts, evidence] of proof.proven) {
    if (proven.has(facts)) continue;
    const isListed = isEnd(facts) || lists.managerAbove(facts) || lists.helperAbove(facts);
    if (isListed) proven.set(facts, evidence);
    else if (evidence.reason === 'tmpdir' || evidence.reason === 'session-id')
      leftManager.set(facts, { reason: 'left-manager' });
  }
  return { proof: { ...strict, proven }, leftManager };
}

const withEvidence = (found: Iterable<readonly [ProcessFacts, Evidence]>): Occupant[] =>
  [...found].map(([facts, evidence]) => ({ facts, evidence }));
