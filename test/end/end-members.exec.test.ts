// A process that calls exec between the look and the signal: its variables said whose it is, and say something else now.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { NOBODY } from '#src/belong/evidence.js';
import { endMembers, type Look } from '#src/end/end-members.js';
import { readEnviron } from '#src/process/procfs.js';
import { variablesIn } from '#src/process/variables.js';
import { proc } from '../helpers/forged.js';
import { isAlive } from '../helpers/processes.js';
import { identityOf } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const T = '/tmp/r/abcdefgh/tmp';

/** A shell with TMPDIR in T that becomes somebody else's `sleep` when it is told. */
async function child(t: TestContext) {
  const script = 'echo ready; read go; exec env -i PATH=/usr/bin:/bin HOME=/ sleep 600';
  const shell = spawn('/bin/sh', ['-c', script], { env: { ...process.env, TMPDIR: T } });
  t.after(() => shell.kill('SIGKILL'));
  await once(shell.stdout, 'data');
  const pid = shell.pid as number;
  const { startTime } = identityOf(pid);
  const facts = (variables = variablesIn(readEnviron(pid) ?? '')) => proc(pid, { startTime, variables });
  const becomesAnother = async () => {
    shell.stdin.write('go\n');
    await waitUntil('it sleeps', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
  };
  return { pid, facts, becomesAnother };
}

const found = (members: Look['members']): Look => ({
  ...NOBODY,
  members,
  isSettled: true,
  inSession: () => [],
});

/** It is found as a member by the first look, and calls exec before that is told. */
async function memberOnce(t: TestContext) {
  const { pid, facts, becomesAnother } = await child(t);
  let looks = 0;
  const look = async () => {
    if (++looks > 1) return found([]);
    const before = facts();
    await becomesAnother();
    return found([{ facts: before, evidence: { reason: 'tmpdir' } }]);
  };
  return { pid, look, looks: () => looks };
}

test('it is looked at again before it is asked, and lives where it is no member any more', async (t) => {
  const { pid, look, looks } = await memberOnce(t);
  const { ended } = await endMembers({ look, graceMs: 600_000 });
  assert.deepEqual([ended, looks(), isAlive(pid)], [[], 2, true]);
});

test('the same at the end of the grace period', async (t) => {
  const { pid, look } = await memberOnce(t);
  await endMembers({ look, graceMs: 0 });
  assert.ok(isAlive(pid));
});

test('one whose variables are others at every look is ended all the same, however long a look takes', async (t) => {
  const { pid, facts } = await child(t);
  const { uptime } = process;
  let looks = 0;
  t.mock.method(process, 'uptime', () => uptime() + looks * 60);
  const look = async () => {
    looks += 1;
    const member = {
      facts: facts({ tmpdir: `${T}/${looks}`, isWhole: true }),
      evidence: { reason: 'seen' as const },
    };
    return found(isAlive(pid) ? [member] : []);
  };
  const { ended } = await endMembers({ look, graceMs: 0 });
  assert.deepEqual([ended.map((one) => one.pid), isAlive(pid)], [[pid], false]);
});
