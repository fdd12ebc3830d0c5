// Git repositories that were wholly in a TMPDIR and went with it: named by whoever removed it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { gitEnv, noGit } from '../helpers/git.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { killed, openWith, reapOnce } from '../helpers/reaping.js';
import { receiptsIn } from '../helpers/receipts.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A repository, a clone of it with a commit checked out, and a worktree of the first: all in TMPDIR. */
const SCRIPT = `set -e; cd "$TMPDIR"; git init -q -b trunk deep/repo; git -C deep/repo commit -q --allow-empty -m first
  git clone -q deep/repo clone; git -C clone checkout -q --detach
  git -C deep/repo worktree add -q -b w "$TMPDIR/w"`;

function withGit(t: TestContext): Scene {
  const here = scene(t);
  Object.assign(here.options.env, gitEnv());
  return here;
}

function areNamed(here: Scene, by: string): void {
  const receipt = receiptsIn(here).at(-1) ?? assert.fail('there is no receipt');
  assert.deepEqual([receipt.by, receipt.state], [by, 'removed']);
  const { tmpdir, work = [], repositories = [] } = receipt;
  assert.deepEqual(work, []);
  assert.deepEqual(
    [...repositories].sort((a, b) => a.path.localeCompare(b.path)),
    [
      { path: join(tmpdir, 'clone'), branch: null },
      { path: join(tmpdir, 'deep/repo'), branch: 'trunk' },
    ],
  );
}

describe('repositories that go with their session are named', { skip: noGit(), concurrency: 2 }, () => {
  test('by the owner, and told to whoever asks', async (t) => {
    const here = withGit(t);
    const { code, stderr } = await run(qwRun, ['sh', '-c', SCRIPT], here.options);
    assert.deepEqual([code, stderr], [0, '']);
    here.nothingLeft();
    areNamed(here, 'owner');
    const [{ id, tmpdir } = { id: '', tmpdir: '' }] = receiptsIn(here);
    const name = `${tmpdir}/deep/repo, a git repository on branch trunk that was wholly in there\n`;
    for (const args of [
      ['log', id],
      ['explain', id],
    ])
      assert.ok((await run(qwTmp, args, here.options)).stdout.includes(name), args[0]);
  });

  test('by the watchdog', async (t) => {
    const here = withGit(t);
    const { wrapper, agent } = await openWith(here, [], `${SCRIPT}; echo "ready $$ "; cd /; exec sleep 600`);
    await killed(wrapper.pid);
    await killed(agent);
    await here.nothingLeftSoon();
    await waitUntil('it is told', () => receiptsIn(here).some(({ state }) => state === 'removed'));
    areNamed(here, 'watchdog');
  });

  for (const [by, remove] of [
    ['reaper', (here: Scene) => reapOnce(here)],
    ['rm', (here: Scene, id: string) => run(qwTmp, ['rm', id], here.options)],
  ] as const)
    test(`by ${by}`, async (t) => {
      const here = withGit(t);
      const agent = `${SCRIPT}; echo "ready $$ "; cd /; exec sleep 600`;
      const { wrapper, agent: pid, id } = await openWith(here, ['--no-watchdog'], agent);
      await killed(wrapper.pid);
      await killed(pid);
      await remove(here, id);
      here.nothingLeft();
      areNamed(here, by);
    });
});
