// Every verdict there is has words of its own: why it is there, and when it goes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Remaining } from '#src/end/remaining.js';
import { fateText } from '#src/explain/fate.js';
import type { SessionState } from '#src/judge/judge.js';
import { repoRoot } from '../helpers/paths.js';

const FACTS = { id: 'k3j9x0ab', owner: 4711, remaining: [], work: '/tmp/w, a git worktree' };
const STATES: SessionState[] = ['live', 'held', 'kept', 'orphan', 'foreign', 'unknown'];

/** As docs/reaper.md has them. */
const verdicts = readFileSync(join(repoRoot, 'docs/reaper.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const state = STATES.find((one) => one === cells[5]);
    return state
      ? [...(cells[6] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, reason = '']) => ({ state, reason }))
      : [];
  });

test('the table of verdicts is read', () => assert.ok(verdicts.length > 12, `${verdicts.length}`));

for (const { state, reason } of verdicts)
  test(`${state}, ${reason}`, () => {
    const { why, when } = fateText({ ...FACTS, state, reason });
    assert.ok(!why.startsWith('it is ') && why.length > 15 && when.length > 15, why);
  });

test('who uses it is named with the evidence, few of many', () => {
  const one = (pid: number) => ({
    pid,
    name: 'sleep',
    why: 'member' as const,
    holds: [],
    reason: 'x',
    evidence: 'e',
  });
  const remaining = Array.from({ length: 30 }, (_, at) => one(at + 1));
  const { why } = fateText({ ...FACTS, state: 'held', reason: 'in-use', remaining });
  assert.match(why, /in use by sleep \(1\), .*22 more \(sleep: e\)$/);
});

test('rm --force is offered only where somebody belongs to the session: it ends nobody else', () => {
  const one = { pid: 7, name: 'tmux', holds: ['its working directory'], reason: 'x', evidence: 'e' };
  const when = (whys: Remaining['why'][]) =>
    fateText({ ...FACTS, state: 'held', reason: 'in-use', remaining: whys.map((why) => ({ ...one, why })) })
      .when;
  assert.match(when(['holder', 'member']), /rm --force/);
  assert.match(when([]), /rm --force/); // its agent
  assert.doesNotMatch(when(['holder', 'spared']), /rm/);
});
