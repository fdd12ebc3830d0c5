// Worktrees of git itself, in every shape they come in: work is kept, a copy or a dead link is temp.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { findWork } from '#src/work/find-work.js';
import { type GitScene, gitScene, noGit } from '../helpers/git.js';

/** A worktree at `path` of a repository outside, on the branch `branch`. */
function worktree(scene: GitScene, path: string, branch = 'f') {
  const repo = scene.repository(join(scene.home, 'repo'));
  scene.git(repo, 'worktree', 'add', '-q', '-b', branch, path);
  return repo;
}
const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

describe('worktrees', { skip: noGit() }, () => {
  test('one that was added is work, told with branch, repository and record', async (t) => {
    const scene = gitScene(t);
    const path = join(scene.tmp, 'a/w');
    const repo = worktree(scene, path, 'fix/of-it');
    assert.deepEqual(await findWork(scene.tmp), {
      work: [
        {
          path,
          bytes: Buffer.from(path),
          kind: 'worktree',
          gitdir: realpathSync(join(repo, '.git/worktrees/w')),
          branch: 'fix/of-it',
          repository: realpathSync(repo),
        },
      ],
      repositories: [],
      unseen: undefined,
    });
  });

  test('it is none any more once git removed it', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    assert.deepEqual(await scene.found(), ['worktree w']);
    scene.git(repo, 'worktree', 'remove', join(scene.tmp, 'w'));
    assert.deepEqual(await scene.found(), []);
  });

  test('the TMPDIR itself may be one', async (t) => {
    const scene = gitScene(t);
    worktree(scene, scene.tmp);
    assert.deepEqual(await scene.found(), ['worktree ']);
  });

  test('one that was moved in is work, and said to be moved', async (t) => {
    const scene = gitScene(t);
    worktree(scene, join(scene.home, 'w'));
    renameSync(join(scene.home, 'w'), join(scene.tmp, 'w'));
    const { work } = await findWork(scene.tmp);
    assert.deepEqual(
      work.map(({ kind, isMoved }) => [kind, isMoved]),
      [['worktree', true]],
    );
  });

  test('one that was moved away from where something else is now is work', async (t) => {
    const scene = gitScene(t);
    worktree(scene, join(scene.home, 'w'));
    renameSync(join(scene.home, 'w'), join(scene.tmp, 'w'));
    scene.repository(join(scene.home, 'w'));
    assert.deepEqual(await scene.found(), ['worktree w']);
  });

  for (const [what, make] of [
    ['copied', copy],
    ['copied by hard links', (from: string, to: string) => execFileSync('cp', ['-al', from, to])],
  ] as const)
    test(`one that was ${what} is temp while the original is there, work afterwards`, async (t) => {
      const scene = gitScene(t);
      worktree(scene, join(scene.home, 'w'));
      make(join(scene.home, 'w'), join(scene.tmp, 'w'));
      assert.deepEqual(await scene.found(), []);
      rmSync(join(scene.home, 'w'), { recursive: true });
      assert.deepEqual(await scene.found(), ['worktree w']);
    });

  test('of original and copy in one TMPDIR the original is work', async (t) => {
    const scene = gitScene(t);
    worktree(scene, join(scene.tmp, 'w'));
    copy(join(scene.tmp, 'w'), join(scene.tmp, 'copy'));
    assert.deepEqual(await scene.found(), ['worktree w']);
  });

  test('a locked one is work, and said to be locked', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    scene.git(repo, 'worktree', 'lock', '--reason', 'mine', join(scene.tmp, 'w'));
    const { work } = await findWork(scene.tmp);
    assert.deepEqual(
      work.map(({ isLocked }) => isLocked),
      [true],
    );
  });

  test('a detached one is work without a branch, an unborn branch is one', async (t) => {
    const scene = gitScene(t);
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(repo, 'worktree', 'add', '-q', '--detach', join(scene.tmp, 'd'));
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'u', join(scene.tmp, 'u'));
    scene.git(join(scene.tmp, 'u'), 'checkout', '-q', '--orphan', 'new');
    const { work } = await findWork(scene.tmp);
    assert.deepEqual(work.map(({ path, branch }) => [path.slice(-1), branch]).sort(), [
      ['d', undefined],
      ['u', 'new'],
    ]);
  });

  test('relative paths, as git writes them since 2.48, are followed', async (t) => {
    const scene = gitScene(t);
    const path = join(scene.tmp, 'w');
    const repo = worktree(scene, path);
    const record = join(repo, '.git/worktrees/w');
    writeFileSync(join(path, '.git'), `gitdir: ${relative(path, record)}\n`);
    writeFileSync(join(record, 'gitdir'), `${relative(record, join(path, '.git'))}\n`);
    assert.deepEqual(await scene.found(), ['worktree w']);
    copy(path, join(scene.tmp, 'copy'));
    assert.deepEqual(await scene.found(), ['worktree w']);
  });

  test('any names: spaces, newlines, quotes, bytes that are no UTF-8', async (t) => {
    const scene = gitScene(t);
    const repo = scene.repository(join(scene.home, 'a repo'));
    const names = [' a b', 'new\nline', `it's "x"`, 'größe'];
    for (const [at, name] of names.entries())
      scene.git(repo, 'worktree', 'add', '-q', '-b', `b${at}`, join(scene.tmp, name));
    const raw = Buffer.concat([Buffer.from(`${scene.tmp}/`), Buffer.from([0xff, 0xfe, 0x20])]);
    mkdirSync(raw);
    execFileSync('sh', [
      '-c',
      'cd "$1"/*"$(printf "\\377\\376 ")" && git -C "$2" worktree add -q -b raw "$PWD/w"',
      '-',
      scene.tmp,
      repo,
    ]);
    const { work, unseen } = await findWork(scene.tmp);
    assert.equal(unseen, undefined);
    assert.deepEqual(
      work.map(({ bytes }) => bytes.toString('latin1')).sort(),
      [...names.map((name) => Buffer.from(join(scene.tmp, name))), Buffer.concat([raw, Buffer.from('/w')])]
        .map((bytes) => bytes.toString('latin1'))
        .sort(),
    );
  });

  test('a TMPDIR that is reached by another name is the same place', async (t) => {
    const scene = gitScene(t);
    symlinkSync(scene.home, `${scene.home}-link`);
    symlinkSync(scene.tmp, `${scene.tmp}-link`);
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(`${scene.home}-link/repo`, 'worktree', 'add', '-q', '-b', 'f', `${scene.tmp}-link/w`);
    writeFileSync(join(repo, '.git/worktrees/w/gitdir'), `${scene.tmp}-link/w/.git\n`);
    writeFileSync(join(scene.tmp, 'w/.git'), `gitdir: ${scene.home}-link/repo/.git/worktrees/w\n`);
    assert.deepEqual(await scene.found(), ['worktree w']);
    scene.repository(join(scene.tmp, 'main'));
    scene.git(join(scene.tmp, 'main'), 'worktree', 'add', '-q', '-b', 'g', join(scene.tmp, 'v'));
    writeFileSync(join(scene.tmp, 'v/.git'), `gitdir: ${scene.tmp}-link/main/.git/worktrees/v\n`);
    assert.deepEqual(await scene.found(), ['worktree w'], 'both in the TMPDIR');
  });

  test('a dead link is temp', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    writeFileSync(join(scene.home, 'else'), '');
    rmSync(repo, { recursive: true });
    assert.deepEqual(await scene.found(), []);
    writeFileSync(join(scene.tmp, 'w/.git'), 'gitdir: /no-such-place/at-all\n');
    assert.deepEqual(await scene.found(), [], 'it does not look like a record of git');
  });

  test('one whose repository may be hidden from us is work', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    renameSync(repo, `${scene.home}-hidden`);
    assert.deepEqual(await scene.found(), ['worktree w'], 'nothing is where it lay: an empty mount point');
    const [{ repository } = {}] = (await findWork(scene.tmp)).work;
    assert.equal(repository, repo);
    rmSync(scene.home, { recursive: true });
    assert.deepEqual(await scene.found(), [], 'there is something else where it lay');
    writeFileSync(join(scene.tmp, 'w/.git'), 'gitdir: /no-such-place/repo/.git/worktrees/w\n');
    assert.deepEqual(await scene.found(), ['worktree w'], 'a directory of another machine or container');
  });

  test('one whose record was pruned is temp', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    rmSync(join(repo, '.git/worktrees/w'), { recursive: true });
    assert.deepEqual(await scene.found(), []);
  });

  test('nothing found is changed or run', async (t) => {
    const scene = gitScene(t);
    const repo = worktree(scene, join(scene.tmp, 'w'));
    const ran = join(scene.home, 'ran');
    scene.git(repo, 'config', 'core.fsmonitor', `touch ${ran}`);
    scene.git(repo, 'config', 'core.hooksPath', scene.tmp);
    const before = readFileSync(join(repo, '.git/worktrees/w/gitdir'));
    assert.deepEqual(await scene.found(), ['worktree w']);
    assert.deepEqual(readFileSync(join(repo, '.git/worktrees/w/gitdir')), before);
    assert.equal(existsSync(ran), false);
  });
});

describe('repositories that lie elsewhere', { skip: noGit() }, () => {
  test('--separate-git-dir outside is work, with its branch', async (t) => {
    const scene = gitScene(t);
    mkdirSync(join(scene.tmp, 'x'));
    scene.git(scene.tmp, 'init', '-q', '-b', 'main', `--separate-git-dir=${scene.home}/store`, 'x');
    const { work } = await findWork(scene.tmp);
    assert.deepEqual(
      work.map(({ kind, branch, repository }) => [kind, branch, repository]),
      [['separate-git-dir', 'main', undefined]],
    );
  });

  test('--separate-git-dir in the TMPDIR is temp', async (t) => {
    const scene = gitScene(t);
    scene.git(scene.tmp, 'init', '-q', `--separate-git-dir=${scene.tmp}/store`, 'x');
    assert.deepEqual(await scene.found(), []);
  });

  test('a link to a repository outside is work as the file would be', async (t) => {
    const scene = gitScene(t);
    scene.repository(join(scene.tmp, 'x'));
    renameSync(join(scene.tmp, 'x/.git'), join(scene.home, 'store'));
    symlinkSync(join(scene.home, 'store'), join(scene.tmp, 'x/.git'));
    assert.deepEqual(await scene.found(), ['separate-git-dir x']);
  });

  /** A repository outside with a submodule. */
  function withSubmodule(scene: GitScene): string {
    const part = scene.repository(join(scene.home, 'part'));
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(repo, 'submodule', '--quiet', 'add', part, 'sub');
    scene.git(repo, 'commit', '-q', '-m', 'with a submodule');
    return repo;
  }

  test('a submodule stays with its worktree', async (t) => {
    const scene = gitScene(t);
    const repo = withSubmodule(scene);
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', join(scene.tmp, 'w'));
    scene.git(join(scene.tmp, 'w'), 'submodule', '--quiet', 'update', '--init');
    assert.deepEqual(await scene.found(), ['worktree w']);
  });

  test('a submodule in a copy is temp, of a worktree or of a whole repository', async (t) => {
    const scene = gitScene(t);
    const repo = withSubmodule(scene);
    const original = join(scene.home, 'w');
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'f', original);
    scene.git(original, 'submodule', '--quiet', 'update', '--init');
    const places = [original, repo].map((from, at) => {
      const to = join(scene.tmp, `copy${at}`);
      copy(from, to);
      return { from, to };
    });
    assert.deepEqual(await scene.found(), []);
    for (const { from, to } of places) {
      const record = scene.git(join(from, 'sub'), 'rev-parse', '--absolute-git-dir');
      writeFileSync(join(to, 'sub/.git'), `gitdir: ${record}`); // absolute, as old versions wrote it
    }
    assert.deepEqual(await scene.found(), []);
  });

  test('a submodule that was moved in alone is work', async (t) => {
    const scene = gitScene(t);
    const repo = withSubmodule(scene);
    renameSync(join(repo, 'sub'), join(scene.tmp, 'sub'));
    writeFileSync(join(scene.tmp, 'sub/.git'), `gitdir: ${repo}/.git/modules/sub\n`);
    assert.deepEqual(await scene.found(), ['separate-git-dir sub']);
  });
});

describe('repositories in the TMPDIR', { skip: noGit() }, () => {
  test('one wholly in it, with its worktrees and submodules, is temp', async (t) => {
    const scene = gitScene(t);
    const main = scene.repository(join(scene.tmp, 'main'));
    scene.git(main, 'worktree', 'add', '-q', '-b', 'f', join(scene.tmp, 'w'));
    scene.git(main, 'submodule', '--quiet', 'add', join(scene.tmp, 'main'), 'sub');
    scene.git(scene.tmp, 'clone', '-q', '--bare', main, 'bare.git');
    assert.deepEqual(await scene.found(), []);
  });

  test('one with a worktree outside is work, with the worktrees of it that are inside', async (t) => {
    const scene = gitScene(t);
    const main = scene.repository(join(scene.tmp, 'a/main'));
    scene.git(main, 'worktree', 'add', '-q', '-b', 'f', join(scene.tmp, 'w'));
    scene.git(main, 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    copy(join(scene.tmp, 'w'), join(scene.tmp, 'copy'));
    assert.deepEqual(await scene.found(), ['repository a/main', 'worktree w']);
    const { work } = await findWork(scene.tmp);
    const repository = work.find(({ kind }) => kind === 'repository');
    assert.deepEqual(
      { branch: repository?.branch, gitdir: repository?.gitdir, of: repository?.repository },
      { branch: 'main', gitdir: join(realpathSync(main), '.git'), of: realpathSync(join(scene.home, 'w')) },
    );
    scene.git(main, 'worktree', 'remove', join(scene.home, 'w'));
    assert.deepEqual(await scene.found(), [], 'wholly inside now');
  });

  test('a bare one with a worktree outside is work', async (t) => {
    const scene = gitScene(t);
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(scene.tmp, 'clone', '-q', '--bare', repo, 'bare.git');
    scene.git(join(scene.tmp, 'bare.git'), 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    assert.deepEqual(await scene.found(), ['repository bare.git']);
    rmSync(join(scene.home, 'w'), { recursive: true });
    assert.deepEqual(await scene.found(), []);
    rmSync(repo, { recursive: true });
    assert.deepEqual(await scene.found(), ['repository bare.git'], 'nothing is left where it lay');
  });

  test('a worktree that is locked may be on a disk that is not there just now', async (t) => {
    const scene = gitScene(t);
    const main = scene.repository(join(scene.tmp, 'main'));
    scene.git(main, 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    scene.git(main, 'worktree', 'lock', join(scene.home, 'w'));
    rmSync(join(scene.home, 'w'), { recursive: true });
    assert.deepEqual(await scene.found(), ['repository main']);
  });

  test('a copy of one with worktrees is temp: they lead to the original', async (t) => {
    const scene = gitScene(t);
    const repo = scene.repository(join(scene.home, 'repo'));
    scene.git(repo, 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    cpSync(repo, join(scene.tmp, 'copy'), { recursive: true });
    assert.deepEqual(await scene.found(), []);
  });

  test('that of a submodule with a worktree outside is work', async (t) => {
    const scene = gitScene(t);
    const part = scene.repository(join(scene.home, 'part'));
    const main = scene.repository(join(scene.tmp, 'main'));
    scene.git(main, 'submodule', '--quiet', 'add', part, 'sub');
    scene.git(join(main, 'sub'), 'worktree', 'add', '-q', '-b', 'g', join(scene.home, 'w'));
    assert.deepEqual(await scene.found(), ['repository main/.git/modules/sub', 'separate-git-dir main/sub']);
  });
});
