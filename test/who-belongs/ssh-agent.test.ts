// The real ssh-agent. Nobody may look into it, so nothing says whose it is: it is never a reason to hold a session.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { argsOf, beside, daemonScene, missing } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { isAlive, kill } from '../helpers/processes.js';
import { identityOf } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = missing('ssh-agent');

/** It takes its socket along at SIGTERM. */
function endAfter(t: TestContext, pid: number): void {
  assert.match(argsOf(pid), /^ssh-agent/);
  const { startTime } = identityOf(pid);
  t.after(async () => {
    if (isAlive(pid) && identityOf(pid).startTime === startTime) kill(pid, 'SIGTERM');
    await waitUntil('ssh-agent is gone', () => !isAlive(pid));
  });
}

test('started in another terminal it holds none of the sessions that live meanwhile', { skip }, async (t) => {
  const here = daemonScene(t);
  const first = await agentThat(here, [], 'echo "ready $$ "');
  const second = await agentThat(here, [], 'echo x >"$TMPDIR/x"; echo "ready $$ "');
  const script = `eval "$(ssh-agent -a '${here.box.dir}/agent')" >/dev/null; echo $SSH_AGENT_PID`;
  const clean = ['-i', `PATH=${process.env['PATH']}`, 'sh', '-c', script];
  const pid = Number(beside(here, 'env', clean));
  endAfter(t, pid);
  for (const { leave } of [first, second]) {
    const { code, stderr } = await leave();
    assert.deepEqual([code, stderr], [CODE, '']);
    assert.ok(isAlive(pid));
  }
  here.nothingLeft();
});

for (const where of ['', '-a "$HOME/agent"', '-a "$TMPDIR/agent"'])
  test(`started in the session (ssh-agent ${where}) it holds nothing either`, { skip }, async (t) => {
    const here = daemonScene(t);
    const start = `eval "$(ssh-agent ${where})" >/dev/null; echo "ready $SSH_AGENT_PID "`;
    const { pid, id, leave } = await agentThat(here, [], start);
    endAfter(t, pid);
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.deepEqual(here.box.left(), [], stderr);
    assert.ok(!existsSync(join(here.box.root, id)));
  });
