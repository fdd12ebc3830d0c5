// qw-tmp rm: removes what nobody uses, refuses what lives, ends it first only when told, and takes nothing but ids.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fs } from '#src/fs.js';
import { removeSessions } from '#src/reap/remove-sessions.js';
import { run } from '../helpers/cli.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { forge, HOUR, killed, leaseOf, openOwnerless, openWith, put, shifted } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const WAIT = 'echo "ready $$ "; exec sleep 600';
const KEYS = ['ended', 'failed', 'kept', 'removed', 'version', 'work'];
const rm = (here: Scene, ...args: string[]) => run(qwTmp, ['rm', ...args], here.options);

describe('qw-tmp rm', { concurrency: 2 }, () => {
  test('refuses a living session and says so; with --force it ends it first', async (t) => {
    const here = scene(t);
    const { id, agent, wrapper, tmpdir } = await openWith(here, [], WAIT);
    const refused = await rm(here, id);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, new RegExp(`^qw-tmp: .*${id}.*\\n$`));
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
    assert.equal((await rm(here, id)).code, 1);
    assert.ok(isAlive(agent));
    const { code, stdout } = await rm(here, '--force', '--json', id);
    const { ended, ...rest } = JSON.parse(stdout);
    assert.deepEqual([code, rest], [0, { version: 1, removed: [id], work: [], kept: [], failed: [] }]);
    assert.deepEqual(ended, [{ pid: agent, name: 'sleep' }]);
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

  for (const bad of [
    '../w',
    '..',
    '.',
    '/',
    'ABCDEFGH',
    'abcdefg',
    'abcdefghi',
    '.trash',
    'orphan00/',
    'orphan00/tmp',
    '',
    '*',
    'abc\u001b[1mx',
  ]) {
    test(`${JSON.stringify(bad)} is no id: nothing is removed, nor what was named well beside it`, async (t) => {
      const here = scene(t);
      forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      put(join(here.box.cwd, 'mine'));
      const { code, stdout, stderr } = await rm(here, '--force', '--', 'orphan00', bad);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, /^qw-tmp: [ -~]+\n$/);
      assert.deepEqual([here.box.left(), existsSync(join(here.box.cwd, 'mine'))], [['orphan00'], true]);
    });
  }
});
