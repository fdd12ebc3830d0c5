// What a server that goes down with open sessions still does for them, and that nobody gets lost on the way: whom only a living parent
// connects with a session is asked before that is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameOf } from '../helpers/leaving-agent.js';
import { marked } from '../helpers/processes.js';
import { ids } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { type Told, toldServer } from '../helpers/told-server.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Without a variable of the session; the mark is the test's. */
const STRANGER = 'env -i "TEST_MARK=$TEST_MARK" sleep 600';
const EXIT = 'process.exit(3);';

/** Runs a server to its end once so many below it have come to sleep: none is in the middle of an exec. */
async function ends(here: Scene, sleepers: number, told: Told): Promise<[number | null, string]> {
  const server = await toldServer(here, told);
  const asleep = () => here.processes().filter((pid) => nameOf(pid) === 'sleep');
  await waitUntil('all are there', () => asleep().length === sleepers);
  const { code, stderr } = await server.go();
  return [code, stderr];
}

describe('process.exit() with an open session ends', { concurrency: 2 }, () => {
  const table: [what: string, sleepers: number, told: Told][] = [
    ["an agent's child that has nothing of the session", 1, { script: `${STRANGER} & wait`, code: EXIT }],
    [
      'grandchildren of whose parents the session is not to be seen',
      2,
      {
        script: `sh -c '${STRANGER} & env -i "TEST_MARK=$TEST_MARK" sh -c "sleep 601 & wait" & wait' & wait`,
        code: EXIT,
      },
    ],
    ['a child with a TMPDIR of its own', 1, { script: 'TMPDIR=/tmp sleep 600 & wait', code: EXIT }],
    [
      'a double-forked child whose parents are gone',
      2,
      { script: '(sleep 601 &) ; exec sleep 600', code: EXIT },
    ],
    [
      'a double-forked child in a session of its own',
      2,
      { script: 'setsid sh -c "sleep 601 &" ; exec sleep 600', code: EXIT },
    ],
    [
      'who is in the session (setsid) that the agent led',
      2,
      { script: `(${STRANGER} &) ; exec sleep 601`, code: EXIT, options: { detached: true } },
    ],
    [
      'who was known before the agent died',
      2,
      {
        script: `${STRANGER} & exec sleep 601`,
        code: `for (const session of sessions) session.beginEnd();
          agents[0].kill('SIGKILL');
          agents[0].on('exit', () => process.exit(3));`,
      },
    ],
    [
      'all, in the midst of an end that an agent resists',
      1,
      {
        script: 'trap "" TERM; sleep 600 & wait; wait; exec sleep 601',
        code: `void sessions[0].end(); setTimeout(() => process.exit(3), 50);`,
        options: { grace: 300 },
      },
    ],
    [
      'all, of many sessions in the midst of their ends',
      10,
      {
        count: 10,
        code: `for (const session of sessions) void session.end(); setImmediate(() => process.exit(3));`,
      },
    ],
    [
      'a session whose agent tells of its end',
      1,
      { code: `agents[0].on('exit', () => process.exit(3)); agents[0].kill('SIGINT');` },
    ],
    [
      'an agent that resists, and whose lease is only marked',
      1,
      { script: 'trap "" TERM; sleep 600 & wait; wait; exec sleep 601', code: EXIT },
    ],
    [
      'an agent whose session directory is gone',
      1,
      { code: `fs.rmSync(sessions[0].dir, { recursive: true }); process.exit(3);` },
    ],
    [
      'an agent whose lease was spoiled',
      1,
      { code: `fs.writeFileSync(sessions[0].dir + '/lease.json', 'x'); process.exit(3);` },
    ],
    [
      'agents whose leases cannot be written any more',
      3,
      {
        count: 3,
        code: `const { status } = spawnSync('prlimit', ['--fsize=0', '--pid', process.pid]);
          process.exit(status === 0 ? 3 : 4);`,
      },
    ],
  ];
  for (const [what, sleepers, told] of table) {
    test(what, async (t) => {
      const here = scene(t);
      assert.deepEqual(await ends(here, sleepers, told), [3, '']);
      await here.nothingLeftSoon();
    });
  }
});

test('survivors that are to be kept are not asked', async (t) => {
  const here = scene(t);
  const told = { script: `${STRANGER} & wait`, code: EXIT, options: { survivors: 'keep' } };
  assert.deepEqual(await ends(here, 1, told), [3, '']);
  await waitUntil('the agent is gone, and its session', () => here.box.left().length === 0);
  assert.equal(marked(`TEST_MARK=${here.options.env['TEST_MARK']}`).length, 1);
  assert.deepEqual(ids(here.box), []);
});
