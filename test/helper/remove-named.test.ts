// The end of a large session in a server: its helper starts what removes it, also beside a pass; where there is no helper that
// works, the server does it itself.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { removeNamed } from '#src/helper/remove-named.js';
import { helperOf, holdHelpers, stop } from '../helpers/helper-process.js';
import { fixture } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { put } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { sandbox } from '../helpers/sandbox.js';
import { scene } from '../helpers/scene.js';

/** Opens a session, makes it large, ends it, and says how. */
const END = `const { writeFileSync, mkdirSync } = await import('node:fs');
  const end = async (options) => {
    const session = await qw.openSession({ backend: 'generic', ...options });
    mkdirSync(session.tmpdir + '/many');
    for (let at = 0; at < 200; at += 1) writeFileSync(session.tmpdir + '/many/' + at, '');
    writeFileSync(session.tmpdir + '/large', 'x'.repeat(2 ** 21));
    const { state, failed } = await session.end();
    say('ended', state, JSON.stringify(failed));
  };`;
const LOG = ['--require', fixture('log-spawns.cjs')];
/** However slow the machine is, the helper gets the time to begin. */
const PATIENT = ['--require', fixture('no-long-timers.cjs')];
const startedIn = (spawns: string) => readFileSync(spawns, 'utf8').trim().split('\n');

describe('a large session', { concurrency: 2 }, () => {
  for (const options of ['{}', '{ wait: false }'])
    test(`with ${options}: the server starts its watchdog and its helper, and nothing to remove it`, async (t) => {
      const here = scene(t);
      const spawns = join(here.box.dir, 'spawns');
      const script = `${END} for (let at = 0; at < 3; at += 1) await end(${options});
        await qw.listSessions(); // the helper has heard of all`;
      const { stdout, stderr } = await server(here, script, { SPAWNS: spawns }, [...LOG, ...PATIENT]).done;
      assert.equal(stderr, '');
      assert.equal(stdout, 'ended removed []\n'.repeat(3));
      const started = startedIn(spawns);
      assert.deepEqual(started.filter((name) => name === 'qw-helper.cjs').length, 1);
      assert.deepEqual([...new Set(started)].sort(), ['qw-helper.cjs', 'qw-watchdog.sh']);
      await here.nothingLeftSoon();
    });

  test('is removed while the helper hangs: by the server itself', async (t) => {
    const here = scene(t);
    const spawns = join(here.box.dir, 'spawns');
    const held = holdHelpers(t, here);
    const script = `${END} await qw.openSession({ watchdog: false }).then((session) => session.end());
      const { existsSync } = await import('node:fs');
      reaper({});
      while (!existsSync(process.env.HOLD_SAYS)) await new Promise((next) => setTimeout(next, 10)); // it hangs
      await end({}); await end({ wait: false }); process.exit();`;
    const env = { ...held.env, SPAWNS: spawns };
    const { stdout, stderr } = await server(here, script, env, [...LOG, ...held.flags]).done;
    assert.equal(stderr, '');
    assert.equal(stdout, 'ended removed []\n'.repeat(2));
    assert.ok(startedIn(spawns).some((name) => name === 'rm' || name === 'qw-watchdog.cjs'));
    await here.nothingLeftSoon();
  });

  test('is left to the next pass where its removal hung: the server does not go there itself', async (t) => {
    const here = scene(t);
    const spawns = join(here.box.dir, 'spawns');
    const stuck = put(join(here.box.dir, 'stuck'));
    const script = `${END} await end({});
      (await import('node:fs')).rmSync(${JSON.stringify(stuck)});
      say('reaped', JSON.stringify((await qw.reap()).failed));`;
    const flags = [...LOG, ...PATIENT, '--require', fixture('stuck-helper.cjs')];
    const run = server(here, script, { SPAWNS: spawns, STUCK_WHILE: stuck }, flags);
    const { code, stdout, stderr } = await run.done;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^ended failed \[{"path":"[^"]+","reason":"[^"]* hangs at \/far; the next pass goes on with it"/,
    );
    assert.match(stdout, /^reaped \[\]$/m);
    assert.ok(!startedIn(spawns).includes('rm'));
    await here.nothingLeftSoon();
  });

  test('is removed although the helper is stopped in the middle of it and never goes on', async (t) => {
    const here = scene(t);
    const script = `${END} await qw.listSessions();
      process.once('SIGUSR2', () => end({}).then(() => process.exit()));
      say('ready'); setInterval(() => {}, 60_000);`;
    const run = server(here, script);
    await run.says('ready\n');
    stop(t, await helperOf(run.pid));
    kill(run.pid, 'SIGUSR2');
    const { stdout } = await run.done;
    assert.match(stdout, /^ended removed \[\]$/m);
    await here.nothingLeftSoon();
  });
});

describe('the helper removes what is meant, by path, device and inode', { concurrency: 2 }, () => {
  const named = (path: string, as = path) => {
    const { dev, ino } = statSync(as, { bigint: true });
    return { path, dev: `${dev}`, ino: `${ino}`, names: ['tree'] };
  };

  test('the directory that it is', async (t) => {
    const { dir } = sandbox(t);
    put(join(dir, 'here/tree/file'));
    assert.deepEqual(await removeNamed(named(join(dir, 'here'))), { failed: [] });
    assert.throws(() => statSync(join(dir, 'here/tree')));
  });

  test('not another one in its place, nor one behind a link', async (t) => {
    const { dir } = sandbox(t);
    const kept = put(join(dir, 'other/tree/file'));
    mkdirSync(join(dir, 'here'));
    const meant = named(join(dir, 'here'));
    renameSync(join(dir, 'here'), join(dir, 'away'));
    await assert.rejects(removeNamed(meant), { code: 'ENOENT' });
    symlinkSync(join(dir, 'other'), join(dir, 'here'));
    await assert.rejects(removeNamed(named(join(dir, 'here'), join(dir, 'other'))), { code: 'ENOTDIR' });
    await assert.rejects(removeNamed({ ...meant, path: join(dir, 'other') }), /another directory/);
    assert.ok(statSync(kept).isFile());
  });
});
