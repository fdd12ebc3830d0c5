// Which proven processes are never ended, since others rely on them: those below a manager, then guests, then
// helpers. The rest are members. Pure.
import type { ProcessFacts } from '../process/inspect.js';
import type { ProcessTable } from '../process/table.js';
import { displayNumber } from '../process/variables.js';
import type { Evidence } from './evidence.js';
import type { Listed } from './listed.js';
import type { Proof } from './prove.js';
import type { Question } from './question.js';

interface Known {
  proof: Proof;
  lists: Listed;
  isNobody(facts: ProcessFacts): boolean;
}

export interface Sparing {
  spared: Map<ProcessFacts, Evidence>;
  members: Map<ProcessFacts, Evidence>;
}

export function spare(table: ProcessTable, question: Question, known: Known): Sparing {
  const { proof, isNobody } = known;
  const spared = new Map<ProcessFacts, Evidence>();
  const members = new Map<ProcessFacts, Evidence>();
  for (const [facts, evidence] of proof.proven) {
    const why = whySpared(facts, evidence, table, question, known);
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
const BELOW: Partial<Record<Evidence['reason'], Evidence['reason']>> = {
  manager: 'below-manager',
  'below-manager': 'below-manager',
  guest: 'guest',
  helper: 'below-helper',
  'below-helper': 'below-helper',
  claude: 'below-helper',
  keys: 'below-helper',
};

function whySpared(
  facts: ProcessFacts,
  { reason }: Evidence,
  table: ProcessTable,
  question: Question,
  known: Known,
): Evidence | undefined {
  const { lists } = known;
  if (reason === 'agent') return undefined;
  const manager = lists.managerAbove(facts);
  if (manager) return { reason: 'below-manager', of: manager };
  if (lists.isManager(facts)) return { reason: 'manager' };
  if (lists.isHelper(facts)) return { reason: 'helper' };
  const helper = lists.helperAbove(facts);
  if (helper) return { reason: 'below-helper', of: helper };
  if (lists.keepsKeys(facts)) return { reason: 'keys' };
  if (lists.kindOf(facts) === 'display') return usedDisplay(facts, table, known);
  return servedByClaude(facts, table, question, lists);
}

/** By a readable process that is not of the session and has this display. */
function usedDisplay(
  { args, doors }: ProcessFacts,
  table: ProcessTable,
  { proof, lists }: Known,
): Evidence | undefined {
  const numbers = new Set(
    [...args.map(displayNumber), ...(doors ?? []).map(({ path }) => /\/X(\d+)$/.exec(path)?.[1])].filter(
      Boolean,
    ),
  );
  // Its arguments do not name it, and its sockets were not looked at: it may be any display.
  const isAny = numbers.size === 0 && doors === undefined;
  const isIts = (display: string | undefined) => display !== undefined && (isAny || numbers.has(display));
  const isOurs = (facts: ProcessFacts) => proof.proven.has(facts) && !lists.managerAbove(facts);
  for (const facts of table.processes.values())
    if (isIts(facts.variables?.display) && !isOurs(facts)) return { reason: 'display', of: facts };
  return undefined;
}

/** Claude's commands have CLAUDE_PID: one that serves a spared Claude is no part of this session. */
function servedByClaude(
  { variables }: ProcessFacts,
  table: ProcessTable,
  { agent }: Question,
  lists: Listed,
): Evidence | undefined {
  const { claudePid } = variables ?? {};
  if (claudePid === undefined || claudePid === agent?.pid) return undefined;
  const served = table.processes.get(claudePid);
  const isSpared = served && (lists.isHelper(served) || lists.helperAbove(served));
  return isSpared ? { reason: 'claude', of: served } : undefined;
}
