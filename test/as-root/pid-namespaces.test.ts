// Sessions across pid namespaces on one root: the pid in a lease means nothing on the other side, so each side takes the
// other's sessions for foreign and keeps them while they are locked, and until they are old.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { noFlock, rootLocked } from '../helpers/locks.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { asPid1, noPidNamespace } from '../helpers/pid-one.js';
import { isAlive, kill } from '../helpers/processes.js';
import { HOUR, ids, killed, openWith, picture, put, reapOnce, shifted } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';
const skip = noPidNamespace() || noFlock();

test('from outside the session is foreign and kept, and removed long after its namespace died', {
  skip,
}, async (t) => {
  const here = scene(t);
  const session = asPid1(here, qwRun, ['sh', '-c', `echo x > "$TMPDIR/x"; ${AGENT}`]);
  await session.says(/ready/);
  const [id = ''] = ids(here.box);
  const lease = join(here.box.root, id, 'lease.json');
  await waitUntil('the agent is in the lease', () => readFileSync(lease, 'utf8').includes('"agent"'));
  await rootLocked(here.box);
  const expected = [{ id, state: 'foreign', reason: 'lock-held' }];
  const before = picture(join(here.box.root, id));
  assert.deepEqual((await reapOnce(here, [], { jumpMs: 96 * HOUR })).report.kept, expected);
  assert.deepEqual((await reapOnce(here, ['--orphans', 'end', '--max-age', '1s'])).report.kept, expected);
  const list = JSON.parse((await run(qwTmp, ['list', '--json'], here.options)).stdout);
  assert.deepEqual([list.sessions[0].state, list.sessions[0].owner.pid], ['foreign', 1]);
  assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 1);
  assert.deepEqual(picture(join(here.box.root, id)), before);

  await killed(session.wrapper());
  await session.done;
  const byAge = [{ id, state: 'foreign', reason: 'heartbeat-fresh' }];
  assert.deepEqual((await reapOnce(here, [], { laterMs: 71 * HOUR })).report.kept, byAge);
  assert.deepEqual((await reapOnce(here, [], { laterMs: 73 * HOUR })).ids, [id]);
  here.nothingLeft();
});

test('from inside, a session of the outer namespace is foreign and kept', { skip }, async (t) => {
  const here = scene(t);
  const { wrapper, agent, id, tmpdir } = await openWith(here, [], AGENT);
  put(join(tmpdir, 'x'));
  await rootLocked(here.box);
  for (const jumpMs of [0, 96 * HOUR]) {
    const there = {
      ...here,
      options: { ...here.options, env: { ...here.options.env, ...shifted({ jumpMs }) } },
    };
    const args = ['reap', '--json', '--orphans', 'end', '--max-age', '1s'];
    const { stdout } = await asPid1(there, qwTmp, args).done;
    assert.deepEqual(JSON.parse(stdout).kept, [{ id, state: 'foreign', reason: 'lock-held' }]);
  }
  assert.ok(existsSync(join(tmpdir, 'x')) && isAlive(agent));
  kill(wrapper.pid, 'SIGTERM');
  await wrapper.done;
  await here.nothingLeftSoon();
});
