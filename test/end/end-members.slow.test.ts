// Looks at processes that take longer than the grace period: who is to end is asked first, and killed if it
// resists, all the same.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { NOBODY } from '#src/belong/evidence.js';
import { endMembers, type Look } from '#src/end/end-members.js';
import { proc } from '../helpers/forged.js';
import { isAlive } from '../helpers/processes.js';
import { identityOf } from '../helpers/reaping.js';

/** Ends a process by looks that take `lookMs` each, on a clock that only they move. Gives how it ended. */
async function ended(t: TestContext, script: string, lookMs: number) {
  const child: ChildProcess = spawn('sh', ['-c', `${script}; echo ready; while :; do sleep 0.05; done`]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const over = once(child, 'exit');
  const { pid, startTime } = identityOf(child.pid as number);
  const { uptime } = process;
  let waited = 0;
  t.mock.method(process, 'uptime', () => uptime() + waited / 1_000);
  const look = async (): Promise<Look> => {
    waited += lookMs;
    const isThere = isAlive(pid);
    const facts = proc(pid, { startTime });
    return {
      ...NOBODY,
      members: isThere ? [{ facts, evidence: { reason: 'agent' } }] : [],
      isSettled: !isThere,
      inSession: () => [],
    };
  };
  const { occupants } = await endMembers({ look, graceMs: 10_000 });
  assert.deepEqual(occupants.members, []);
  return over;
}

test('a process is asked to end, though the first look took longer than it has to do so', async (t) => {
  assert.deepEqual(await ended(t, "trap 'exit 7' TERM", 60_000), [7, null]);
});

test('one that does not is killed, though all looks together took longer than it could resist', async (t) => {
  assert.deepEqual(await ended(t, "trap '' TERM", 60_000), [null, 'SIGKILL']);
});
