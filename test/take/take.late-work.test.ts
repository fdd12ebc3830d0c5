// A worktree comes to a session while a remover is on its way: after the first look for work, in what is
// beside other work, or made by somebody who has left before the second look at processes.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { type Road, take } from '#src/take/take.js';
import { usersOf } from '#src/take/users.js';
import { gitScene, noGit } from '../helpers/git.js';
import { put } from '../helpers/reaping.js';

/** A session with `junk`, and a repository outside that gets worktrees. */
function session(t: TestContext) {
  const { home, git, repository } = gitScene(t);
  const dir = join(home, 'abcd1234');
  put(join(dir, 'tmp/junk/file'));
  const repo = repository(join(home, 'repo'));
  const add = (path: string) => void git(repo, 'worktree', 'add', '-q', '-b', basename(path), path);
  return { dir, add, thing: { kind: 'session', path: dir, base: home } as const };
}

/** Just before something called `name` is renamed. */
function beforeClaim(t: TestContext, name: string, act: () => void): void {
  const { renameSync } = fs;
  const { mock } = t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    if (basename(from) === name) {
      mock.restore();
      act();
    }
    renameSync(from, to);
  });
}

const skip = noGit();

test('in a directory beside other work', { skip }, async (t) => {
  const { dir, add, thing } = session(t);
  add(join(dir, 'tmp/w'));
  beforeClaim(t, 'junk', () => add(join(dir, 'tmp/junk/late')));
  const [taken] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, taken?.failed], ['work', []]);
  assert.ok(existsSync(join(dir, 'tmp/junk/late/file')));
  const [then] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual(then?.work.map(({ path }) => basename(path)).sort(), ['late', 'w']);
  assert.deepEqual(readdirSync(join(dir, 'tmp/junk')), ['late']);
});

test('by somebody in the claimed session, who leaves before the look at processes', { skip }, async (t) => {
  const { dir, add, thing } = session(t);
  let isFirst = true;
  const lookAgain: Road['lookAgain'] = async ([claim]) => {
    if (isFirst && claim) add(join(claim.at, 'tmp/late'));
    isFirst = false;
    return () => undefined;
  };
  const [taken] = await take([thing], { lookAgain });
  assert.equal(taken?.outcome, 'work');
  assert.deepEqual(readdirSync(join(dir, 'tmp')), ['late']);
});
