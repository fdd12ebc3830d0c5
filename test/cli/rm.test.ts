// qw-tmp rm: removes what nobody uses, refuses what lives, ends it first only when told, and takes nothing but ids.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fs } from '#src/fs.js';
import { removeSessions } from '#src/reap/remove-sessions.js';
import { run } from '../helpers/cli.js';
import { gitScene, noGit } from '../helpers/git.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { openTerminal } from '../helpers/pty.js';
import { forge, HOUR, killed, leaseOf, openOwnerless, openWith, put, shifted } from '../helpers/reaping.js';
import { runMany } from '../helpers/run-many.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const WAIT = 'echo "ready $$ "; exec sleep 600';
const KEYS = ['ended', 'failed', 'kept', 'removed', 'version', 'work'];
const NO_IDS = [
  ...['../w', '..', '.', '/', 'ABCDEFGH', 'abcdefg', 'abcdefghi', '.trash', 'orphan00/'],
  ...['orphan00/tmp', '', '*', 'abc\u001b[1mx'],
];
const rm = (here: Scene, ...args: string[]) => run(qwTmp, ['rm', ...args], here.options);

test('what is chosen by its state stays when that is another by then', async (t) => {
  const { box, options } = scene(t);
  forge(box, 'kept0000', { lease: leaseOf('kept0000', { kept: { at: new Date() } }) });
  for (const force of [false, true]) {
    const asked = { ids: ['kept0000'], only: ['orphan'] as const, root: box.root, force, env: options.env };
    const { removed, kept } = await removeSessions(asked);
    assert.deepEqual([removed, kept.map(({ state }) => state), box.left()], [[], ['kept'], ['kept0000']]);
  }
});

describe('qw-tmp rm', { concurrency: 2 }, () => {
  test('refuses a living session and says so; with --force it ends it first', async (t) => {
    const here = scene(t);
    const { id, agent, wrapper, tmpdir } = await openWith(here, [], WAIT);
    const refused = await rm(here, id);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, new RegExp(`^qw-tmp: .*${id}.*; --force ends its processes first\\n$`));
    assert.ok(isAlive(agent) && existsSync(tmpdir));
    const json = await rm(here, '--json', id);
    const { kept, ...rest } = JSON.parse(json.stdout);
    assert.deepEqual([json.code, rest], [1, { version: 1, removed: [], ended: [], work: [], failed: [] }]);
    assert.deepEqual([kept.length, kept[0].id, kept[0].state], [1, id, 'live']);
    const forced = await rm(here, '--force', id);
    assert.deepEqual([forced.code, forced.stdout], [0, `removed ${id}\n`], forced.stderr);
    assert.match(forced.stderr, new RegExp(`^qw-tmp: ended .*\\(${agent}\\)`));
    const { signal } = await wrapper.done;
    assert.equal(signal, 'SIGTERM', 'its wrapper tells how the agent ended');
    here.nothingLeft();
  });

  test('refuses a session without owner while its agent lives; --force --json tells who was ended', async (t) => {
    const here = scene(t);
    const { id, agent } = await openOwnerless(here, WAIT);
    await waitUntil('its exec is done', () => nameOf(agent) === 'sleep');
    assert.equal((await rm(here, id)).code, 1);
    assert.ok(isAlive(agent));
    const { code, stdout } = await rm(here, '--force', '--json', id);
    const { ended, ...rest } = JSON.parse(stdout);
    assert.deepEqual([code, rest], [0, { version: 1, removed: [id], work: [], kept: [], failed: [] }]);
    assert.deepEqual(ended, [{ pid: agent, name: 'sleep', evidence: 'TMPDIR' }]);
    here.nothingLeft();
  });

  test('--force names the worktrees that went with a session in use, and what git is to forget', {
    skip: noGit(),
  }, async (t) => {
    const here = scene(t);
    const { git, home, repository } = gitScene(t);
    const { id, tmpdir, wrapper } = await openWith(here, [], WAIT);
    const repo = repository(join(home, 'repo'));
    const path = join(tmpdir, 'fix');
    git(repo, 'worktree', 'add', '-q', '-b', 'fix', path);
    const { code, stdout, stderr } = await rm(here, '--force', id);
    assert.deepEqual([code, stdout], [0, `removed ${id}\n`], stderr);
    const told = `qw-tmp: removed ${path}, a git worktree of ${repo} on branch fix; now run: `;
    assert.ok(stderr.includes(told), stderr);
    await wrapper.done;
    here.nothingLeft();
  });

  test('does not call removed what it could not look at again', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'dead0000', { lease: leaseOf('dead0000') });
    const { renameSync, readdirSync } = fs;
    t.mock.method(fs, 'renameSync', (...args: Parameters<typeof renameSync>) => {
      renameSync(...args);
      t.mock.method(fs, 'readdirSync', (path: string, ...rest: []) => {
        if (path === '/proc') throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
        return readdirSync(path, ...rest);
      });
    });
    const { root } = here.box;
    const { removed, failed } = await removeSessions({ ids: ['dead0000'], root, env: here.options.env });
    assert.deepEqual([removed, failed.length, existsSync(tmpdir)], [[], 1, true]);
    assert.match(failed[0]?.reason ?? '', /cannot be looked at \(EMFILE\)/);
  });

  test('never ends who only holds something there, with --force either', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'used0000', {
      lease: leaseOf('used0000', { kept: { at: new Date() } }),
    });
    const holder = await outsider(here, 'cwd', tmpdir);
    for (const flags of [[], ['--force']]) {
      const { code, stderr } = await rm(here, ...flags, 'used0000');
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^qw-tmp: kept used0000.*${holder}.*\\n$`));
      assert.ok(isAlive(holder) && existsSync(join(tmpdir, 'some/file')));
    }
    await killed(holder);
    assert.equal((await rm(here, 'used0000')).code, 0);
    here.nothingLeft();
  });

  test('removes kept sessions and orphans, several at once, and what it cannot find is named', async (t) => {
    const here = scene(t);
    const kept = await openWith(here, ['--keep'], 'echo x > "$TMPDIR/x"; echo "ready $$ "; sleep 0.1');
    await kept.wrapper.done;
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const { code, stdout, stderr } = await rm(here, kept.id, 'missing0', 'orphan00');
    assert.deepEqual([code, stdout], [1, `removed ${kept.id}\nremoved orphan00\n`]);
    assert.match(stderr, /^qw-tmp: .*missing0.*qw-tmp list\n$/);
    here.nothingLeft();
  });

  test('goes by the verdict that list tells, whatever QW_MAX_AGE says', async (t) => {
    const here = scene(t);
    forge(here.box, 'nolease0');
    const { env } = here.options;
    const later = shifted({ laterMs: 2 * HOUR });
    for (const [maxAge, state, code] of [
      ['72h', 'unknown', 1],
      ['1h', 'orphan', 0],
    ] as const) {
      const options = { ...here.options, env: { ...env, ...later, QW_MAX_AGE: maxAge } };
      const { sessions } = JSON.parse((await run(qwTmp, ['list', '--json'], options)).stdout);
      assert.deepEqual(
        sessions.map((session: { state: string }) => session.state),
        [state],
      );
      assert.equal((await run(qwTmp, ['rm', 'nolease0'], options)).code, code, maxAge);
    }
    here.nothingLeft();
  });

  test('--json has every key, whatever happened', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const { code, stdout } = await rm(here, '--json', 'orphan00', 'missing0');
    const { failed, ...rest } = JSON.parse(stdout);
    assert.equal(code, 1);
    assert.deepEqual(Object.keys(JSON.parse(stdout)).sort(), KEYS);
    assert.deepEqual(rest, { version: 1, removed: ['orphan00'], ended: [], work: [], kept: [] });
    assert.deepEqual(Object.keys(failed[0]).sort(), ['hint', 'path', 'reason']);
    here.nothingLeft();
  });

  test('takes the beginning of an id, or a label', async (t) => {
    const here = scene(t);
    for (const [id, label] of [
      ['abcd0000', 'Bau 1'],
      ['abcx0000', 'other'],
      ['zzzz0000', undefined],
    ] as const)
      forge(here.box, id, { lease: leaseOf(id, label === undefined ? {} : { label }) });
    const both = await rm(here, '--json', 'abc', 'zzz');
    const { error, ...rest } = JSON.parse(both.stdout);
    assert.deepEqual([both.code, rest, error.code, error.path], [2, { version: 1 }, 'ERR_QW_USAGE', null]);
    assert.match(error.message, /^"abc" may be abcd0000 \(Bau 1\), abcx0000 \(other\)/);
    assert.equal(here.box.left().length, 3, 'nothing was done');
    const { code, stdout } = await rm(here, 'abcd', 'other', 'zzzz0000', 'zzz');
    assert.deepEqual([code, stdout], [0, 'removed abcd0000\nremoved abcx0000\nremoved zzzz0000\n']);
    here.nothingLeft();
  });

  test('refuses a label that several have, and a slip of one letter; says what was meant', async (t) => {
    const here = scene(t);
    for (const id of ['abcd0000', 'zzzz0000']) forge(here.box, id, { lease: leaseOf(id, { label: 'same' }) });
    for (const [word, said] of [
      ['same', /abcd0000 \(same\), zzzz0000 \(same\)/],
      ['sane', /did you mean same\?/],
      ['a', /at least 3 characters/],
    ] as const) {
      const { code, stdout, stderr } = await rm(here, '--force', word, 'abcd0000');
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, said);
    }
    const { code, stderr } = await rm(here, 'abcd0001');
    assert.deepEqual([code, here.box.left().length], [1, 2]);
    assert.match(stderr, /did you mean abcd0000\?/);
  });

  test('--orphans needs no question; --kept and --all take --yes for the answer', async (t) => {
    const here = scene(t);
    const live = await openWith(here, [], WAIT);
    const forged = () => {
      forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      forge(here.box, 'kept0000', { lease: leaseOf('kept0000', { kept: { at: new Date() } }) });
    };
    forged();
    assert.equal((await rm(here, '--orphans')).stdout, 'removed orphan00\n');
    assert.equal((await rm(here, '--orphans')).stdout, 'nothing to remove\n');
    assert.equal((await rm(here, '--kept', '-y')).stdout, 'removed kept0000\n');
    forged();
    const all = await rm(here, '--all', '--yes', '--json');
    assert.deepEqual([all.code, JSON.parse(all.stdout).removed.sort()], [0, ['kept0000', 'orphan00']]);
    assert.ok(isAlive(live.agent));
    const env = { ...here.options.env, QW_SESSION: live.id };
    const own = await run(qwTmp, ['rm', '--all', '--force', '--yes'], { ...here.options, env });
    assert.deepEqual([own.code, own.stdout, isAlive(live.agent)], [0, 'nothing to remove\n', true]);
    const forced = await rm(here, '--all', '--force', '--yes');
    assert.deepEqual([forced.code, forced.stdout], [0, `removed ${live.id}\n`]);
    assert.equal((await live.wrapper.done).signal, 'SIGTERM');
    here.nothingLeft();
  });

  for (const [answer, isDone] of [
    ['y\r', true],
    ['YES\r', true],
    ['\r', false],
    ['no\r', false],
    ['y\u0004', false],
    ['\u0004', false],
    ['\u0003', false],
  ] as const) {
    test(`asks at a terminal; ${JSON.stringify(answer)} is ${isDone ? 'yes' : 'no'}`, async (t) => {
      const here = scene(t);
      forge(here.box, 'kept0000', { lease: leaseOf('kept0000', { label: 'L', kept: { at: new Date() } }) });
      const { shows, type, ends } = openTerminal(t, process.execPath, [qwTmp, 'rm', '--kept'], here.options);
      await shows(/kept0000 {2}kept {2}L .*remove this session \([^)]*\)\? \[y\/N\] /s);
      type(answer);
      if (answer === 'y\u0004') type('\u0004'); // the first one only sends what is there
      const { exitCode, signal } = await ends();
      const code = isDone ? 0 : answer === '\u0003' ? 0 : 1;
      assert.deepEqual([exitCode, signal], [code, answer === '\u0003' ? 2 : 0]);
      assert.deepEqual(here.box.left(), isDone ? [] : ['kept0000']);
    });
  }

  test('what is no id: nothing is removed, nor what was named well beside it', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    put(join(here.box.cwd, 'mine'));
    const none = NO_IDS.map((bad) => ({ bin: qwTmp, args: ['rm', '--force', '--', 'orphan00', bad] }));
    for (const [at, { code, stdout, stderr }] of runMany(here, none).entries()) {
      assert.deepEqual([code, stdout], [2, ''], NO_IDS[at]);
      assert.match(stderr, /^qw-tmp: [ -~]+\n$/);
    }
    assert.deepEqual([here.box.left(), existsSync(join(here.box.cwd, 'mine'))], [['orphan00'], true]);
  });
});
