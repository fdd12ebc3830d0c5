// The test of a session in which one thread of a stranger has something that its other threads have not.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { agentThat, CODE } from './leaving-agent.js';
import { listed } from './listed.js';
import { stranger } from './outsider.js';
import { fixture } from './paths.js';
import { killed } from './reaping.js';
import { scene } from './scene.js';

/** `kind` of what it has `below` T, see fixtures/in-a-thread.py; `leave`: its first thread leaves. */
export async function keptByThread(t: TestContext, kind: string, below: string, ...leave: string[]) {
  const here = scene(t);
  const session = await agentThat(here, ['--grace', '100ms'], 'echo "ready $$ "');
  const tmp = join(here.box.root, session.id, 'tmp');
  mkdirSync(join(tmp, 'a'));
  const args = [fixture('in-a-thread.py'), ...leave, kind, join(tmp, below)];
  const holder = await stranger(here, 'python3', args);

  const { code, stderr } = await session.leave();

  assert.equal(code, CODE);
  assert.ok(stderr.includes(`(${holder}`), stderr);
  const [one] = await listed(here);
  assert.deepEqual([one?.state, one?.holders.map(({ pid }) => pid)], ['held', [holder]]);
  await killed(holder);
  await here.nothingLeftSoon();
}
