// A git worktree in TMPDIR is work, not temp: whoever ends the session, it stays where it is, is told with the command that saves it, and
// goes with the session once git has let go of it. The rest of TMPDIR goes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { gitEnv, noGit } from '../helpers/git.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { ids, killed, openWith, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A repository outside, and a shell that may use git: `$REPO`, `worktree NAME` adds one in TMPDIR with a file of its own. */
function withGit(t: TestContext) {
  const here = scene(t);
  const repo = join(here.box.dir, 'repo');
  Object.assign(here.options.env, gitEnv(), { REPO: repo });
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, { ...here.options, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  git('init', '-q', repo);
  git('-C', repo, 'commit', '-q', '--allow-empty', '-m', 'first');
  const script = (more: string) =>
    `set -e; worktree() { git -C "$REPO" worktree add -q -b "$1" "$TMPDIR/$1"; echo mine >"$TMPDIR/$1/new"; }; ${more}`;
  const worktrees = () => git('-C', repo, 'worktree', 'list').split('\n').filter(Boolean).slice(1);
  return { here, repo: realpathSync(repo), git, script, worktrees, ...here };
}

const tmpIn = ({ box }: Scene): string => join(box.root, ids(box)[0] ?? '', 'tmp');
const list = async ({ options }: Scene) => JSON.parse((await run(qwTmp, ['list', '--json'], options)).stdout);

describe('a worktree in TMPDIR', { skip: noGit(), concurrency: 2 }, () => {
  test('stays with its file where it is, the rest goes, and one line says how to save it', async (t) => {
    const { here, repo, script, worktrees, options } = withGit(t);
    const more =
      'mkdir -p "$TMPDIR/a/b"; echo x >"$TMPDIR/a/junk"; echo x >"$TMPDIR/junk"; worktree f; exit 7';
    const { code, stderr } = await run(qwRun, ['sh', '-c', script(more)], options);
    const path = join(tmpIn(here), 'f');
    assert.equal(code, 7);
    assert.match(stderr, /^qw-run: kept [^\n]+\n$/);
    for (const part of [path, repo, 'on branch f', `worktree move ${path} `, `qw-tmp rm ${ids(here.box)[0]}`])
      assert.ok(stderr.includes(part), `${part} in ${stderr}`);
    assert.match(stderr, /the system clears \/tmp|gone at the next boot/);
    assert.deepEqual([readdirSync(tmpIn(here)), readFileSync(join(path, 'new'), 'utf8')], [['f'], 'mine\n']);
    assert.equal(worktrees().length, 1);
    const [session] = (await list(here)).sessions;
    assert.deepEqual([session.state, session.reason, session.work[0].branch], ['kept', 'worktree', 'f']);
  });

  test('deep in it: the way there stays, what is beside it goes', async (t) => {
    const { here, script, options } = withGit(t);
    const more =
      'mkdir -p "$TMPDIR/a/b/c"; cd "$TMPDIR/a/b"; touch x ../y; git -C "$REPO" worktree add -q -b f "$PWD/w"';
    await run(qwRun, ['sh', '-c', script(more)], options);
    const names = readdirSync(tmpIn(here), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(names.sort(), ['a', 'a/b', 'a/b/w', 'a/b/w/.git']);
  });

  test('the command that is told saves it, and the next pass takes the rest', async (t) => {
    const { here, box, script, options, worktrees } = withGit(t);
    const { stderr } = await run(qwRun, ['sh', '-c', script('worktree f')], options);
    const save = /save it with: (.*?) \(/.exec(stderr)?.[1] ?? '';
    const { status, stderr: said } = spawnSync('sh', ['-c', save], { ...options, encoding: 'utf8' });
    assert.equal(status, 0, `${save}: ${said}`);
    assert.match(worktrees()[0] ?? '', new RegExp(`^${realpathSync(options.env['HOME'] ?? '')}`));
    assert.equal((await reapOnce(here)).ids.length, 1);
    assert.deepEqual(box.left(), []);
  });

  test('whose wrapper is killed is kept by the watchdog and the reaper, until git removes it', async (t) => {
    const { here, repo, git, script } = withGit(t);
    const session = await openWith(
      here,
      [],
      script('touch "$TMPDIR/junk"; worktree f; echo "ready $$ "; exec sleep 600'),
    );
    await killed(session.wrapper.pid);
    await killed(session.agent);
    const path = join(session.tmpdir, 'f');
    await waitUntil('the watchdog has done its work', () => readdirSync(session.tmpdir).join() === 'f');
    const { report } = await reapOnce(here);
    assert.deepEqual(
      report.kept.map(({ id, state, reason, work }) => [id, state, reason, work?.[0]?.path]),
      [[session.id, 'kept', 'worktree', path]],
    );
    assert.equal(readFileSync(join(path, 'new'), 'utf8'), 'mine\n');
    git('-C', repo, 'worktree', 'remove', '--force', path);
    assert.deepEqual((await reapOnce(here)).ids, [session.id]);
    here.nothingLeft();
  });

  test('goes with qw-tmp rm, which says how to make git forget it', async (t) => {
    const { here, box, repo, git, script, options, worktrees } = withGit(t);
    await run(qwRun, ['sh', '-c', script('worktree f')], options);
    const { code, stdout, stderr } = await run(qwTmp, ['rm', ...ids(box)], options);
    assert.deepEqual([code, box.left()], [0, []]);
    assert.match(stdout, /^removed [a-z0-9]{8}\n$/);
    const prune = /now run: (.*)\n/.exec(stderr)?.[1] ?? '';
    assert.equal(spawnSync('sh', ['-c', prune], options).status, 0, stderr);
    assert.deepEqual(worktrees(), []);
    git('-C', repo, 'branch', '-D', 'f');
    here.nothingLeft();
  });

  test('counts for nothing with QW_WORKTREES=remove, whoever ends the session', async (t) => {
    const { here, script, options } = withGit(t);
    options.env['QW_WORKTREES'] = 'remove';
    const { stderr } = await run(qwRun, ['sh', '-c', script('worktree f')], options);
    assert.equal(stderr, '');
    here.nothingLeft();
    const session = await openWith(here, [], script('worktree g; echo "ready $$ "; exec sleep 600'));
    await killed(session.wrapper.pid);
    await killed(session.agent);
    await here.nothingLeftSoon();
  });

  test('and what is kept for one goes as an orphan with it, for list and for rm', async (t) => {
    const { here, script, options } = withGit(t);
    await run(qwRun, ['sh', '-c', script('worktree f')], options);
    options.env['QW_WORKTREES'] = 'remove';
    const { stdout } = await run(qwTmp, ['list', '--json'], options);
    assert.deepEqual(
      JSON.parse(stdout).sessions.map(({ state }: { state: string }) => state),
      ['orphan'],
    );
    const { code } = await run(qwTmp, ['rm', '--orphans'], options);
    assert.equal(code, 0);
    here.nothingLeft();
  });

  test('a word that QW_WORKTREES does not know is refused', async (t) => {
    const { here, options } = withGit(t);
    options.env['QW_WORKTREES'] = 'perhaps';
    const { code, stderr } = await run(qwRun, ['true'], options);
    assert.equal(code, 125);
    assert.match(stderr, /QW_WORKTREES must be keep or remove, not "perhaps"/);
    here.nothingLeft();
  });

  test('in memory is copied out', { skip: noIsolation() }, async (t) => {
    const { here, script, options, worktrees } = withGit(t);
    const { code, stderr } = await run(
      qwRun,
      ['--isolate', 'tmpfs', 'sh', '-c', script('touch "$TMPDIR/junk"; worktree f')],
      options,
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /kept .*\/f, a git worktree/);
    assert.equal(readFileSync(join(tmpIn(here), 'f/new'), 'utf8'), 'mine\n');
    assert.equal(existsSync(join(tmpIn(here), 'junk')), false);
    assert.equal(worktrees().length, 1);
  });

  test('that was copied there, and a repository of its own, are temp', async (t) => {
    const { here, script, options, git, repo } = withGit(t);
    git('-C', repo, 'worktree', 'add', '-q', '-b', 'f', join(here.box.dir, 'outside'));
    const more = `cp -a "${here.box.dir}/outside" "$TMPDIR/copy"; git init -q "$TMPDIR/own"; git -C "$TMPDIR/own" commit -q --allow-empty -m x`;
    const { code, stderr } = await run(qwRun, ['sh', '-c', script(more)], options);
    assert.deepEqual([code, stderr], [0, '']);
    here.nothingLeft();
  });
});
