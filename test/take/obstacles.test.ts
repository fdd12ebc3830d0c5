// What keeps a session from being moved. What another user owns in it hides nothing of ours, and a worktree
// that is locked goes with its repository.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { take } from '#src/take/take.js';
import { usersOf } from '#src/take/users.js';
import { deadClaim } from '../helpers/claims.js';
import { finished } from '../helpers/finished.js';
import { gitScene, noGit } from '../helpers/git.js';
import { forge, HOUR, leaseOf, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const ID = 'dead1234';
const asRoot = process.getuid?.() === 0 && 'root reads everything';

function session(t: TestContext) {
  const { root } = sandbox(t);
  const { dir, tmpdir } = forge({ root }, ID, { lease: leaseOf(ID) });
  const takeIt = async () =>
    (await take([{ kind: 'session', path: dir, base: root }], { lookAgain: usersOf }))[0];
  return { root, dir, tmpdir, takeIt };
}

/** A `.git` that nobody may read. */
const closed = (dir: string) => chmodSync(put(join(dir, '.git')), 0);

/** Says that another user owns the closed `.git` in each directory called `name`. */
function ofAnother(t: TestContext, name: string): void {
  const real = fs.lstatSync as (...args: unknown[]) => unknown;
  t.mock.method(fs, 'lstatSync', ((path: unknown, ...rest: unknown[]) => {
    const stat = real(path, ...rest);
    return String(path).endsWith(`/${name}/.git`) && stat ? Object.assign(stat, { uid: 61_018 }) : stat;
  }) as never);
}

describe('what of another user cannot be looked at', { skip: asRoot }, () => {
  test('keeps nothing by itself', async (t) => {
    const { dir, tmpdir, takeIt } = session(t);
    closed(join(tmpdir, 'theirs'));
    ofAnother(t, 'theirs');
    assert.deepEqual([(await takeIt())?.outcome, existsSync(dir)], ['removed', false]);
  });

  for (const [ours, theirs] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const)
    test(`hides no such place of ours, as ${ours} beside ${theirs}`, async (t) => {
      const { dir, tmpdir, takeIt } = session(t);
      for (const name of [ours, theirs]) closed(join(tmpdir, name));
      ofAnother(t, theirs);
      assert.deepEqual([(await takeIt())?.outcome, existsSync(dir)], ['used', true]);
    });

  test('hides no worktrees that a look did not come to in its time', { skip: noGit() }, async (t) => {
    const { tmpdir, takeIt } = session(t);
    const { git, home, repository } = gitScene(t);
    closed(join(tmpdir, 'theirs'));
    ofAnother(t, 'theirs');
    const repo = repository(join(home, 'repo'));
    for (const name of ['u', 'v', 'w'])
      git(repo, 'worktree', 'add', '-q', '-b', name, join(tmpdir, 'theirs/below', name));
    const { openSync } = fs;
    const { uptime } = process;
    let lateBy = 0;
    t.mock.method(process, 'uptime', () => uptime() + lateBy);
    t.mock.method(fs, 'openSync', (...args: Parameters<typeof openSync>) => {
      try {
        return openSync(...args);
      } catch (error) {
        lateBy += 3_600; // the closed one was come to
        throw error;
      }
    });
    assert.equal((await takeIt())?.outcome, 'used');
    for (const name of ['u', 'v', 'w']) assert.ok(existsSync(join(tmpdir, 'theirs/below', name, 'file')));
  });
});

describe('a repository wholly in T, with a worktree that is locked', { skip: noGit() }, () => {
  /** In `tmpdir`; git's records name the worktree by its whole path. */
  function lockedIn(t: TestContext, tmpdir: string): void {
    const { git, repository } = gitScene(t);
    const main = repository(join(tmpdir, 'main'));
    git(main, 'worktree', 'add', '-q', '-b', 'f', join(tmpdir, 'w'));
    git(main, 'worktree', 'lock', join(tmpdir, 'w'));
  }

  test('goes with its session', async (t) => {
    const { dir, tmpdir, takeIt } = session(t);
    lockedIn(t, tmpdir);
    const { outcome, reason } = (await takeIt()) ?? {};
    assert.deepEqual([outcome, reason, existsSync(dir)], ['removed', undefined, false]);
  });

  test('goes with one that a dead remover had claimed, in one pass', async (t) => {
    const { root, dir, tmpdir } = session(t);
    lockedIn(t, tmpdir);
    mkdirSync(join(root, '.trash'), { recursive: true });
    renameSync(dir, join(root, '.trash', `${ID}.${deadClaim()}`));
    const { removed, failed } = await finished([root], { maxAgeMs: 72 * HOUR, spare: [] });
    assert.deepEqual([removed.map(({ id }) => id), failed, existsSync(dir)], [[ID], [], false]);
  });

  test('goes from beside work that stays', async (t) => {
    const { tmpdir, takeIt } = session(t);
    lockedIn(t, tmpdir);
    const { git, home, repository } = gitScene(t);
    git(repository(join(home, 'repo')), 'worktree', 'add', '-q', '-b', 'f', join(tmpdir, 'work'));
    const { outcome, failed } = (await takeIt()) ?? {};
    assert.deepEqual([outcome, failed, readdirSync(tmpdir)], ['work', [], ['work']]);
  });
});
