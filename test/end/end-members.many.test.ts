// A session of many processes is ended in many turns of the event loop, and each is looked at right before it is asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOBODY } from '#src/belong/evidence.js';
import { endMembers, type Look } from '#src/end/end-members.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import { FIRST_PID, ownProcesses } from '../helpers/own-processes.js';

const MANY = 30;
/** In one turn, where each look at the clock takes a third of it. */
const FEW = 4;

test('many members are asked in turns, every one of them once', async (t) => {
  const world = ownProcesses();
  t.after(() => world.undo());
  const pids = Array.from({ length: MANY }, (_, at) => FIRST_PID + 1 + at);
  for (const pid of pids) world.table.set(pid, { pid, startTime: 1 });
  const asked: number[] = [];
  const turns: number[] = [0];
  t.mock.method(process, 'kill', (pid: number, signal: NodeJS.Signals) => {
    if (signal !== 'SIGTERM') return true;
    asked.push(pid);
    turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
    world.table.delete(pid);
    return true;
  });
  let isDone = false;
  const nextTurn = () => {
    turns.push(0);
    if (!isDone) setImmediate(nextTurn);
  };
  setImmediate(nextTurn);
  let now = process.uptime();
  t.mock.method(process, 'uptime', () => {
    now += 0.001;
    return now;
  });
  const look = async (): Promise<Look> => ({
    ...NOBODY,
    members: pids
      .filter((pid) => world.table.has(pid))
      .map((pid) => ({
        facts: { pid, startTime: 1, comm: 'sh' } as ProcessFacts,
        evidence: { reason: 'tmpdir' },
      })),
    isSettled: true,
    inSession: () => [],
  });
  const { ended } = await endMembers({ look, graceMs: 60_000 });
  isDone = true;
  assert.deepEqual(asked, pids);
  assert.equal(ended.length, MANY);
  assert.ok(Math.max(...turns) <= FEW, String(turns));
});
