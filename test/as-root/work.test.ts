// Looking for work where file systems are not the ordinary ones: a server that does not answer is never
// asked, what is mounted is not entered, and where directories do not count what is in them they are read.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FoundWork } from '#src/work/work.js';
import { gitScene, noGit } from '../helpers/git.js';
import { mountImage } from '../helpers/loop-mount.js';
import { fixture } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene, mountsBelow } from '../helpers/private-mounts.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noGit();
const noFuse =
  spawnSync('bindfs', ['--version']).status === 0 && existsSync('/dev/fuse')
    ? false
    : 'no bindfs or no /dev/fuse';

/** In a process that is ended when it hangs. */
function lookAt(tmp: string): string[] {
  const told = execFileSync(process.execPath, [fixture('find-work.mjs'), tmp], {
    timeout: 60_000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  });
  const { work, unseen }: FoundWork = JSON.parse(told);
  assert.equal(unseen, undefined);
  return work.map(({ kind, path }) => `${kind} ${path.slice(tmp.length + 1)}`).sort();
}

/** A TMPDIR and a home, both below a directory whose mounts go with the test. */
function places(t: TestContext) {
  const { box } = mountScene(t);
  const scene = gitScene(t);
  const tmp = join(box.dir, 't');
  const home = join(box.dir, 'h');
  for (const dir of [tmp, home]) mkdirSync(dir);
  return { ...scene, tmp, home };
}

/** `source` at `point` by a FUSE server that answers until it is stopped. */
async function fuse(t: TestContext, source: string, point: string): Promise<ChildProcess> {
  mkdirSync(point, { recursive: true });
  const server = spawn('bindfs', ['-f', source, point], { stdio: 'ignore' });
  t.after(() => server.kill('SIGKILL'));
  await waitUntil('the mount', () => mountsBelow(point).length > 0);
  return server;
}

test('a FUSE mount in the TMPDIR whose server is stopped is not entered', {
  skip: skip || noFuse,
}, async (t) => {
  const { tmp, home, git, repository } = places(t);
  const repo = repository(join(home, 'repo'));
  git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'w'));
  for (const at of ['m', 'a/m', 'b/.git']) (await fuse(t, home, join(tmp, at))).kill('SIGSTOP');
  assert.deepEqual(lookAt(tmp), ['worktree w']);
});

test('a repository on a FUSE mount whose server is stopped counts as there', {
  skip: skip || noFuse,
}, async (t) => {
  const { tmp, home, git, repository } = places(t);
  mkdirSync(join(home, 'behind'));
  const server = await fuse(t, join(home, 'behind'), join(home, 'on'));
  const repo = repository(join(home, 'on/repo'));
  git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'w'));
  symlinkSync(join(home, 'on'), join(home, 'link'));
  mkdirSync(join(tmp, 'v'));
  writeFileSync(join(tmp, 'v/.git'), `gitdir: ${join(home, 'link/repo/.git/worktrees/w')}\n`);
  const main = repository(join(tmp, 'main'));
  git(main, 'worktree', 'add', '-q', '-b', 'g', join(home, 'on/g'));
  server.kill('SIGSTOP');
  assert.deepEqual(lookAt(tmp), ['repository main', 'worktree v', 'worktree w']);
});

test('what is bound into the TMPDIR is not looked at, and neither is it outside', { skip }, (t) => {
  const { tmp, home, git, repository } = places(t);
  const repo = repository(join(home, 'repo'));
  git(repo, 'worktree', 'add', '-q', '-b', 'f', join(home, 'w'));
  mkdirSync(join(tmp, 'bound'));
  mount('--bind', home, join(tmp, 'bound'));
  assert.deepEqual(lookAt(tmp), []);
});

test('a TMPDIR that is bound elsewhere is the same place there', { skip }, (t) => {
  const { tmp, home, git, repository } = places(t);
  const main = repository(join(tmp, 'main'));
  const elsewhere = join(home, 'elsewhere');
  mkdirSync(elsewhere);
  mount('--bind', tmp, elsewhere);
  git(main, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'w'));
  writeFileSync(join(tmp, 'w/.git'), `gitdir: ${elsewhere}/main/.git/worktrees/w\n`);
  writeFileSync(join(main, '.git/worktrees/w/gitdir'), `${elsewhere}/w/.git\n`);
  assert.deepEqual(lookAt(tmp), [], 'wholly in it');
});

for (const [type, make] of [
  ['btrfs', 'mkfs.btrfs -q'],
  ['xfs', 'mkfs.xfs -q'],
] as const)
  test(`on ${type} all is found`, { skip }, (t) => {
    const { tmp, home, git, repository } = places(t);
    const why = mountImage(make, home, tmp);
    if (why !== undefined) return t.skip(why);
    if (type === 'btrfs') execFileSync('btrfs', ['-q', 'subvolume', 'create', join(tmp, 'a')]);
    const repo = repository(join(home, 'repo'));
    git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'a/b/w'));
    git(repo, 'worktree', 'add', '-q', '-b', 'g', join(tmp, 'a/c'));
    renameSync(join(tmp, 'a/c'), join(tmp, 'a/b/größe'));
    assert.deepEqual(lookAt(tmp), ['worktree a/b/größe', 'worktree a/b/w']);
  });

test('on an overlay all is found', { skip }, (t) => {
  const { tmp, home, git, repository } = places(t);
  mount('-t', 'tmpfs', 'tmpfs', home);
  for (const dir of ['lower/low/er', 'upper', 'work']) mkdirSync(join(home, dir), { recursive: true });
  mount(
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${home}/lower,upperdir=${home}/upper,workdir=${home}/work`,
    tmp,
  );
  const repo = repository(join(home, 'repo'));
  git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmp, 'low/er/w'));
  assert.deepEqual(lookAt(tmp), ['worktree low/er/w']);
});
