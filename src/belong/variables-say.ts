// Which session the variables of a process name: this one, another, or none. Pure.
import { basename } from 'node:path';
import type { ProcessFacts } from '../process/inspect.js';
import { isWithin, sessionOfPath, tmpDir } from '../root/layout.js';
import type { Question } from './question.js';

type Where = Pick<Question, 'root' | 'dir'>;

/** Login shells and direnv set another TMPDIR, but leave QW_SESSION alone. */
export function namesIt({ variables }: ProcessFacts, { dir }: Where): boolean {
  const { tmpdir, sessionId } = variables ?? {};
  return sessionId === basename(dir) || (tmpdir !== undefined && isWithin(tmpDir(dir), tmpdir));
}

export function namesAnother(facts: ProcessFacts, where: Where): boolean {
  const { tmpdir = '', sessionId } = facts.variables ?? {};
  return !namesIt(facts, where) && (Boolean(sessionId) || sessionOfPath(where.root, tmpdir) !== undefined);
}

/** Exec with another TMPDIR, and without QW_SESSION, is the way to opt out. */
export const optedOut = (facts: ProcessFacts, where: Where): boolean =>
  facts.variables?.tmpdir !== undefined && !namesIt(facts, where);

/** Its environment was chosen for it, and does not name this session. */
export const isFree = (facts: ProcessFacts, where: Where): boolean =>
  !namesIt(facts, where) &&
  (facts.variables?.isWhole === true || optedOut(facts, where) || namesAnother(facts, where));
