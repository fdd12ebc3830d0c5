// The real Xvfb: a display without a seat is the session's own, unless somebody else shows something on it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { argsOf, daemonScene, likeThis, missing, named } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { stranger } from '../helpers/outsider.js';
import { isAlive, kill } from '../helpers/processes.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = missing('Xvfb');
const XVFB = '(Xvfb -displayfd 3 3>~/display >/dev/null 2>&1 &); until [ -s ~/display ]; do sleep 0.05; done';
const READY = 'echo "ready $$ "';
const SOCKETS = '/tmp/.X11-unix';

/** Displays end by SIGTERM, so that their locks and sockets go; the directory for these too, where there was none before. */
function displayScene(t: TestContext): Scene {
  const wasThere = existsSync(SOCKETS);
  let here: Scene | undefined;
  t.after(async () => {
    const displays = here?.processes().filter((pid) => /^Xvfb/.test(argsOf(pid))) ?? [];
    for (const pid of displays) kill(pid, 'SIGTERM');
    await waitUntil('the displays are gone', () => !displays.some(isAlive));
    if (!wasThere && existsSync(SOCKETS) && readdirSync(SOCKETS).length === 0) rmdirSync(SOCKETS);
  });
  here = daemonScene(t);
  return here;
}

test('Xvfb is ended with the session', { skip }, async (t) => {
  const here = displayScene(t);
  const { leave } = await agentThat(here, [], `${XVFB}; ${READY}`);
  const [pid = 0] = await likeThis(here, /^Xvfb/);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(!isAlive(pid), stderr);
  named(stderr, pid);
  here.nothingLeft();
});

test('so are xvfb-run and the program on its display', {
  skip: skip || missing('xvfb-run', 'xauth'),
}, async (t) => {
  const here = displayScene(t);
  const program = `sh -c 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1'`;
  const { pid, leave } = await agentThat(here, [], `setsid xvfb-run -a ${program} 2>/dev/null &`);
  const servers = await likeThis(here, /^Xvfb/);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.deepEqual([pid, ...servers].filter(isAlive), [], stderr);
  here.nothingLeft();
});

test('it lives while somebody outside of the session is on its display', { skip }, async (t) => {
  const here = displayScene(t);
  const { leave } = await agentThat(here, [], `${XVFB}; ${READY}`);
  const [pid = 0] = await likeThis(here, /^Xvfb/);
  const display = `:${readFileSync(join(here.box.dir, 'home/display'), 'utf8').trim()}`;
  const guest = await stranger(here, 'env', [`DISPLAY=${display}`, 'sh', '-c', 'echo ready; exec sleep 600']);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(pid) && isAlive(guest), stderr);
  for (const one of [guest, pid]) {
    kill(one, 'SIGTERM');
    await waitUntil('it is gone', () => !isAlive(one));
  }
  await here.nothingLeftSoon();
});
