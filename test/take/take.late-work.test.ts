// A worktree comes to a session while a remover is on its way: after the first look for work, in what is
// beside other work, or made by somebody who has left before the second look at processes.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { type Road, take } from '#src/take/take.js';
import { usersOf } from '#src/take/users.js';
import { finished } from '../helpers/finished.js';
import { gitScene, noGit } from '../helpers/git.js';
import { forge, HOUR, identityOf, leaseOf, put, realm } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

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
  const other = put(join(dir, 'tmp/other/file'));
  beforeClaim(t, 'junk', () => add(join(dir, 'tmp/junk/late')));
  const [taken] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, taken?.failed, existsSync(other)], ['work', [], false]);
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

test('to one that its living owner ends and that cannot be put back: no pass takes it', {
  skip,
}, async (t) => {
  const { git, home, repository } = gitScene(t);
  const { root } = sandbox(t);
  const repo = repository(join(home, 'repo'));
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  const lease = leaseOf('mine1234', { owner, ending: new Date().toISOString() });
  const { dir } = forge({ root }, 'mine1234', { lease });
  const lookAgain: Road['lookAgain'] = async ([claim]) => {
    if (claim) git(repo, 'worktree', 'add', '-q', '-b', 'late', join(claim.at, 'tmp/late'));
    put(join(dir, 'tmp/new'));
    return () => undefined;
  };
  const [taken] = await take([{ kind: 'session', path: dir, base: root }], { lookAgain });
  assert.deepEqual([taken?.outcome, taken?.reason], ['used', 'worktree']);
  await finished([root], { maxAgeMs: 72 * HOUR, spare: [] });
  assert.ok(existsSync(join(taken?.failed[0]?.path ?? '', 'tmp/late/file')));
});

test('what could not be moved still has its name: who came during the search is seen', async (t) => {
  const { root } = sandbox(t);
  const { dir } = forge({ root }, 'full1234', {});
  t.mock.method(fs, 'renameSync', () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  let looks = 0;
  const lookAgain: Road['lookAgain'] = async () => {
    looks += 1;
    return () => (looks > 1 ? 'in-use' : undefined);
  };
  const [taken] = await take([{ kind: 'session', path: dir, base: root }], { lookAgain });
  assert.deepEqual([taken?.outcome, looks, existsSync(dir)], ['used', 2, true]);
});
