// The commands that are told work as they are pasted: what was work is at home then, git knows it there,
// and nothing is left to keep.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { pruneCommand, saveCommand } from '#src/work/commands.js';
import { findWork } from '#src/work/find-work.js';
import type { Work } from '#src/work/work.js';
import { type GitScene, gitScene, noGit } from '../helpers/git.js';

const NAMES = ['w', 'a w', "it's", 'new\nline', 'größe'];

async function only(scene: GitScene): Promise<Work> {
  const { work } = await findWork(scene.tmp);
  assert.equal(work.length, 1);
  return work[0] as Work;
}

const paste = (scene: GitScene, command: string | undefined) =>
  execFileSync('bash', ['-c', command ?? ''], { env: scene.env, cwd: '/', stdio: 'pipe' });

/** Saves it; git finds nothing wrong where it is now. */
async function saved(scene: GitScene, name: string): Promise<void> {
  paste(scene, saveCommand(await only(scene)));
  assert.deepEqual(await scene.found(), []);
  assert.equal(scene.git(join(scene.home, name), 'status', '--short'), '?? new\n');
}

/** A worktree in the TMPDIR with a new file. */
function worktree(scene: GitScene, name: string): string {
  const repo = scene.repository(join(scene.home, 'a repo'));
  const path = join(scene.tmp, name);
  scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', path);
  writeFileSync(join(path, 'new'), 'x\n');
  return repo;
}

describe('what is pasted', { skip: noGit() }, () => {
  for (const name of NAMES)
    test(`saves a worktree called ${JSON.stringify(name)}`, async (t) => {
      const scene = gitScene(t);
      worktree(scene, name);
      await saved(scene, `a repo-${name}`);
    });

  test('saves one whose name is no UTF-8', async (t) => {
    const scene = gitScene(t);
    const repo = scene.repository(join(scene.home, 'repo'));
    const add = `git -C "$1" worktree add -q -b f "$2/$(printf '\\377w')"`;
    execFileSync('bash', ['-c', add, '-', repo, scene.tmp], { env: scene.env, stdio: 'pipe' });
    paste(scene, saveCommand(await only(scene)));
    assert.deepEqual(await scene.found(), []);
    const ask = `git -C ~/repo-$'\\377w' status --short --branch`;
    assert.equal(execFileSync('bash', ['-c', ask], { env: scene.env, encoding: 'utf8' }), '## f\n');
  });

  test('saves a locked worktree', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, 'w');
    scene.git(repo, 'worktree', 'lock', join(scene.tmp, 'w'));
    await saved(scene, 'a repo-w');
  });

  test('saves a worktree that was moved in', async (t) => {
    const scene = gitScene(t);
    worktree(scene, 'w');
    renameSync(join(scene.tmp, 'w'), join(scene.tmp, 'v'));
    await saved(scene, 'a repo-v');
  });

  for (const isRelative of [false, true])
    test(`saves what has its repository elsewhere, by a${isRelative ? ' relative' : 'n absolute'} path`, async (t) => {
      const scene = gitScene(t);
      const path = join(scene.tmp, 'x');
      const store = join(scene.home, 'the store');
      scene.git(scene.tmp, 'init', '-q', `--separate-git-dir=${store}`, 'x');
      if (isRelative) writeFileSync(join(path, '.git'), `gitdir: ${relative(path, store)}\n`);
      writeFileSync(join(path, 'new'), 'x\n');
      await saved(scene, 'x');
    });

  test('saves a repository with the worktree outside', async (t) => {
    const scene = gitScene(t);
    const main = scene.repository(join(scene.tmp, 'main'));
    scene.git(main, 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    writeFileSync(join(main, 'new'), 'x\n');
    await saved(scene, 'main');
    assert.equal(scene.git(join(scene.home, 'w'), 'status', '--short', '--branch'), '## g\n');
  });

  for (const isLocked of [false, true])
    test(`frees the branch of a${isLocked ? ' locked' : ''} worktree that is gone`, async (t) => {
      const scene = gitScene(t);
      const repo = worktree(scene, 'a w');
      if (isLocked) scene.git(repo, 'worktree', 'lock', join(scene.tmp, 'a w'));
      const work = await only(scene);
      rmSync(work.path, { recursive: true });
      assert.throws(() => scene.git(repo, 'branch', '-D', 'f'));
      paste(scene, pruneCommand(work));
      scene.git(repo, 'branch', '-D', 'f');
    });

  test('is nothing where git would refuse: a worktree with submodules', async (t) => {
    const scene = gitScene(t);
    const part = scene.repository(join(scene.home, 'part'));
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(repo, 'submodule', '--quiet', 'add', part, 'sub');
    scene.git(repo, 'commit', '-q', '-m', 'with a submodule');
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(scene.tmp, 'w'));
    scene.git(join(scene.tmp, 'w'), 'submodule', '--quiet', 'update', '--init');
    const work = await only(scene);
    assert.equal(saveCommand(work), undefined);
    mkdirSync(join(scene.home, 'to'));
    assert.throws(() => scene.git(repo, 'worktree', 'move', work.path, join(scene.home, 'to')), /submodules/);
  });

  test('is nothing where nothing has to be pruned', async (t) => {
    const scene = gitScene(t);
    scene.git(scene.tmp, 'init', '-q', `--separate-git-dir=${scene.home}/store`, 'x');
    assert.equal(pruneCommand(await only(scene)), undefined);
  });
});
