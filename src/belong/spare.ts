// Which proven processes are never ended, since others rely on them: those below a manager, then guests, then
// helpers. The rest are members. Pure.
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { displayNumber } from '../process/variables.js';
import type { Evidence, Reason } from './evidence.js';
import type { Listed } from './listed.js';
import type { Proof } from './prove.js';
import type { Is, Question } from './question.js';

interface Known {
  table: ProcessTable;
  agent: Question['agent'];
  proof: Proof;
  lists: Listed;
  isNobody: Is;
}

export interface Sparing {
  spared: Map<ProcessFacts, Evidence>;
  members: Map<ProcessFacts, Evidence>;
}

export function spare(known: Known): Sparing {
  const { table, proof, isNobody } = known;
  const spared = new Map<ProcessFacts, Evidence>();
  const members = new Map<ProcessFacts, Evidence>();
  for (const [facts, evidence] of proof.proven) {
    const why = evidence.reason === 'agent' ? undefined : whySpared(facts, known);
    if (why) spared.set(facts, why);
    else members.set(facts, evidence);
  }
  for (const [facts, evidence] of proof.guests) if (!members.has(facts)) spared.set(facts, evidence);
  // And all below them, except members by their own proof.
  for (const [facts, { reason }] of spared) {
    const below = BELOW[reason];
    if (!below) continue;
    for (const child of table.childrenOf(facts.pid))
      if (!spared.has(child) && !members.has(child) && !isNobody(child))
        spared.set(child, { reason: below, of: facts });
  }
  return { spared, members };
}

/** The reason for a child of them. */
const BELOW: Partial<Record<Reason, Reason>> = {
  manager: 'below-manager',
  'below-manager': 'below-manager',
  guest: 'guest',
  helper: 'below-helper',
  'below-helper': 'below-helper',
  claude: 'below-helper',
  keys: 'below-helper',
};

function whySpared(facts: ProcessFacts, known: Known): Evidence | undefined {
  const { lists } = known;
  const manager = lists.managerAbove(facts);
  if (manager) return { reason: 'below-manager', of: manager };
  if (lists.isManager(facts)) return { reason: 'manager' };
  if (lists.isHelper(facts)) return { reason: 'helper' };
  const helper = lists.helperAbove(facts);
  if (helper) return { reason: 'below-helper', of: helper };
  if (lists.keepsKeys(facts)) return { reason: 'keys' };
  return lists.kindOf(facts) === 'display' ? usedDisplay(facts, known) : servedByClaude(facts, known);
}

/** By a readable process that is not of the session and has this display. */
function usedDisplay({ args, doors }: ProcessFacts, { table, proof, lists }: Known): Evidence | undefined {
  const bySocket = doors?.map(({ path }) => /\/X(\d+)$/.exec(path)?.[1]) ?? [];
  const numbers = new Set([...args.map(displayNumber), ...bySocket].filter(Boolean));
  // Its arguments do not name it, and its sockets were not looked at: it may be any display.
  const isAny = numbers.size === 0 && doors === undefined;
  const isIts = (display: string | undefined) => display !== undefined && (isAny || numbers.has(display));
  const isOurs = (facts: ProcessFacts) => proof.proven.has(facts) && !lists.managerAbove(facts);
  for (const facts of table.processes.values())
    if (isIts(facts.variables?.display) && !isOurs(facts)) return { reason: 'display', of: facts };
  return undefined;
}

/** Claude's commands have CLAUDE_PID: one that serves a spared Claude is no part of this session. */
function servedByClaude({ variables }: ProcessFacts, { table, agent, lists }: Known): Evidence | undefined {
  const { claudePid } = variables ?? {};
  if (claudePid === undefined || claudePid === agent?.pid) return undefined;
  const served = table.processes.get(claudePid);
  const isSpared = served && (lists.isHelper(served) || lists.helperAbove(served));
  return isSpared ? { reason: 'claude', of: served } : undefined;
}
