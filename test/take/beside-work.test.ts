// A session with work in it: what is beside the way there goes, also what a dead remover had claimed of it; what a living one has in hand
// stays with that one.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { besideWork } from '#src/take/beside-work.js';
import { UNIT_CLAIM } from '#src/take/claim.js';
import { type Road, take } from '#src/take/take.js';
import { usersOf } from '#src/take/users.js';
import { claimOf, deadClaim } from '../helpers/claims.js';
import { gitScene, noGit } from '../helpers/git.js';
import { identityOf, put } from '../helpers/reaping.js';

test('the way to the work, and what is beside it', { skip: noGit() }, (t) => {
  const { tmp } = gitScene(t);
  for (const name of ['a/b/w/new', 'a/b/x', 'a/y/z', 'junk', `a/${UNIT_CLAIM}mine/unit`])
    put(join(tmp, name));
  const { way, beside } = besideWork(tmp, [{ path: join(tmp, 'a/b/w') }]);
  const below = (paths: string[]) => paths.map((path) => path.slice(tmp.length + 1)).sort();
  assert.deepEqual(
    [below(way), below(beside)],
    [
      ['', 'a', 'a/b'],
      ['a/b/x', 'a/y', 'junk'],
    ],
  );
  assert.deepEqual(besideWork(tmp, [{ path: tmp }]), { way: [], beside: [] });
});

/** A session with a worktree, and `junk` beside it. */
function worked(t: TestContext) {
  const scene = gitScene(t);
  const dir = join(scene.home, 'abcd1234');
  const junk = put(join(dir, 'tmp/junk'));
  const repo = scene.repository(join(scene.home, 'repo'));
  scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(dir, 'tmp/w'));
  return { junk, thing: { kind: 'session', path: dir, base: scene.home } as const };
}

test('nothing beside it goes while the session is in use', { skip: noGit() }, async (t) => {
  const { junk, thing } = worked(t);
  const lookAgain: Road['lookAgain'] = async () => (claim) =>
    claim.thing.path === thing.path ? 'in-use' : undefined;
  const [taken] = await take([thing], { lookAgain });
  assert.deepEqual([taken?.outcome, taken?.failed, existsSync(junk)], ['work', [], true]);
});

test('what of it cannot be read stays, and nobody is told the error', { skip: noGit() }, async (t) => {
  const { junk, thing } = worked(t);
  const { readdirSync } = fs;
  t.mock.method(fs, 'readdirSync', (path: string, ...options: []) => {
    const isLookAside = options.length === 0 && path.startsWith('/proc/self/fd/');
    if (isLookAside) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    return readdirSync(path, ...options);
  });
  const [taken] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, existsSync(junk)], ['work', true]);
});

test('work in what a dead remover had claimed stays with the rest', { skip: noGit() }, async (t) => {
  const scene = gitScene(t);
  const dir = join(scene.home, 'abcd1234');
  const unit = join(dir, 'tmp', UNIT_CLAIM + deadClaim(), 'unit');
  put(join(unit, 'junk'));
  const repo = scene.repository(join(scene.home, 'repo'));
  scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(unit, 'w'));
  const [taken] = await take([{ kind: 'session', path: dir, base: scene.home }], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, taken?.failed], ['work', []]);
  assert.deepEqual(readdirSync(unit), ['w']);
});

test('a dead remover is finished, a living one left alone', { skip: noGit() }, async (t) => {
  const scene = gitScene(t);
  const dir = join(scene.home, 'abcd1234');
  const tmp = join(dir, 'tmp');
  put(join(tmp, 'junk'));
  const repo = scene.repository(join(scene.home, 'repo'));
  scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'w'));
  const inHand = UNIT_CLAIM + claimOf(identityOf(process.ppid));
  put(join(tmp, UNIT_CLAIM + deadClaim(), 'unit'));
  put(join(tmp, inHand, 'unit'));
  const thing = { kind: 'session', path: dir, base: scene.home } as const;
  const [taken] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, taken?.failed, taken?.work.length], ['work', [], 1]);
  assert.deepEqual(readdirSync(tmp).sort(), [inHand, 'w'].sort());
  assert.ok(existsSync(join(tmp, inHand, 'unit')));
});

test('what has a name that is no UTF-8 stays, and is named', { skip: noGit() }, async (t) => {
  const { junk, thing } = worked(t);
  const odd = Buffer.concat([Buffer.from(join(thing.path, 'tmp/')), Buffer.alloc(255, 0xff)]);
  writeFileSync(odd, '');
  const [taken] = await take([thing], { lookAgain: usersOf });
  assert.deepEqual([taken?.outcome, existsSync(junk), existsSync(odd)], ['work', false, true]);
  assert.deepEqual(
    taken?.failed.map(({ path, reason }) => [basename(path), reason]),
    [['\ufffd'.repeat(255), 'its name is not UTF-8, so it stays as long as its session']],
  );
});

for (const [what, link] of [
  ['whose links are relative', (at: string) => writeFileSync(join(at, '.git'), `gitdir: ${RECORD}\n`)],
  ['whose `.git` is a link', (at: string) => symlinkSync(RECORD, join(at, '.git'))],
] as const)
  test(`a repository goes with its worktree beside it, ${what}`, { skip: noGit() }, async (t) => {
    const scene = gitScene(t);
    const dir = join(scene.home, 'abcd1234');
    const [tmp, mine] = [join(dir, 'tmp'), join(dir, 'tmp/mine')];
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'w'));
    scene.git(scene.repository(mine), 'worktree', 'add', '-q', '-b', 'g', join(tmp, 'beside'));
    rmSync(join(tmp, 'beside/.git'));
    link(join(tmp, 'beside'));
    writeFileSync(join(mine, '.git/worktrees/beside/gitdir'), '../../../../beside/.git\n');
    const [taken] = await take([{ kind: 'session', path: dir, base: scene.home }], { lookAgain: usersOf });
    assert.deepEqual([taken?.outcome, taken?.failed], ['work', []]);
    assert.deepEqual(readdirSync(tmp), ['w']);
  });

const RECORD = '../mine/.git/worktrees/beside';
