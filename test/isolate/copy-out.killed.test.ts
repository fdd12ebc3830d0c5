// `--keep` of a session in memory whose wrapper is killed: whoever ends it instead copies out what is there before it goes.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { isolatedRun, keepersOf, noIsolation, seers } from '../helpers/isolation.js';
import { listed } from '../helpers/listed.js';
import { watchdogsOf } from '../helpers/owners.js';
import { qwTmp, repoRoot } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed, reapOnce } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = noIsolation();
const WORK = 'mkdir "$TMPDIR/d"; echo kept >"$TMPDIR/d/f"; ln -s d/f "$TMPDIR/link"; chmod 500 "$TMPDIR/d"';
const SECRET = 'echo x >"$TMPDIR/secret"; chmod 0 "$TMPDIR/secret"';

async function opened(here: Scene, flags: string[], script = WORK) {
  const wait = `${script}; echo "ready $$ "; exec sleep 600 >/dev/null`;
  const it = await isolatedRun(here, ['--keep', '--isolate', ...flags, 'sh', '-c', wait]);
  const [id = ''] = ids(here.box);
  return { ...it, id, dir: join(here.box.root, id), wrapper: it.running.pid };
}

const keptIn = (dir: string): { at: string; missing?: string } | undefined =>
  JSON.parse(readFileSync(join(dir, 'lease.json'), 'utf8')).kept;

/** It is on disk, and nothing of us is left that keeps memory. */
async function isKept(here: Scene, { dir, inside }: { dir: string; inside: number }, missing?: RegExp) {
  const kept = await waitUntil('it is kept', () => keptIn(dir));
  await waitUntil('nobody keeps the memory', () => !isAlive(inside));
  assert.deepEqual([seers(basename(here.box.dir)), here.processes()], [[], []]);
  assert.match(kept.missing ?? '', missing ?? /^$/);
  const [session] = await listed(here);
  assert.deepEqual([session?.state, session?.reason], ['kept', missing ? 'kept-in-part' : 'kept-on-request']);
}

function hasWork(dir: string): void {
  assert.equal(readFileSync(join(dir, 'tmp/link'), 'utf8'), 'kept\n');
  assert.equal(statSync(join(dir, 'tmp/d')).mode & 0o777, 0o500);
  chmodSync(join(dir, 'tmp/d'), 0o700);
}

describe('kill -9 of the wrapper of a session in memory that is to be kept', { skip, concurrency: 2 }, () => {
  for (const flags of [['tmpfs'], ['tmp', '--size', '4M']])
    test(`${flags[0]}: its agent works on, and what is there at its end is kept`, async (t) => {
      const here = scene(t);
      const it = await opened(here, flags);
      await killed(it.wrapper);
      assert.ok(isAlive(it.inside));
      await killed(it.agent);
      await isKept(here, it);
      hasWork(it.dir);
      const { code, stdout, stderr } = await run(qwTmp, ['rm', it.id], here.options);
      assert.equal(code, 0, stdout + stderr);
      await waitUntil('the watchdog has left', () => watchdogsOf(it.wrapper).length === 0);
      here.nothingLeft();
    });

  test('and of its agent with it', async (t) => {
    const here = scene(t);
    const it = await opened(here, ['tmpfs']);
    for (const pid of [it.wrapper, it.agent, it.bwrap]) kill(pid, 'SIGKILL');
    await isKept(here, it);
    hasWork(it.dir);
  });

  test('while it ends, having decided only then to keep', async (t) => {
    const here = scene(t);
    const program = `import { openSession } from 'qw-run';
      import { spawn } from 'node:child_process';
      const session = await openSession({ isolate: 'tmpfs', grace: '10m' });
      const script = \`${WORK.replaceAll('$', '\\$')}; n=0; trap 'n=1\\$n; echo asked; [ \\$n = 10 ] || exit' TERM
        echo "ready \\$\\$ "; while :; do sleep 0.05; done\`;
      const { file, args } = session.command('sh', ['-c', script]);
      const agent = spawn(file, args, { env: session.env(), stdio: 'inherit' });
      session.adopt(agent.pid);
      process.on('SIGUSR2', () => void session.end({ keep: true }));`;
    const owner = start('--input-type=module', ['-e', program], { ...here.options, cwd: repoRoot });
    await readyPid(owner.says);
    const { inside } = keepersOf(owner.pid);
    const dir = join(here.box.root, ids(here.box)[0] ?? '');
    kill(owner.pid, 'SIGUSR2');
    await owner.says('asked');
    await killed(owner.pid);
    await isKept(here, { dir, inside });
    hasWork(dir);
  });

  test('what cannot be copied is said, the rest is kept', {
    skip: process.getuid?.() === 0 && 'permissions do not bind root',
  }, async (t) => {
    const here = scene(t);
    const it = await opened(here, ['tmpfs'], `${WORK}; ${SECRET}`);
    for (const pid of [it.wrapper, it.agent]) kill(pid, 'SIGKILL');
    await isKept(here, it, /^some of it could not be copied .*secret/);
    hasWork(it.dir);
    const { stdout } = await run(qwTmp, ['list'], here.options);
    assert.match(stdout, new RegExp(`^${it.id}: not all of it could be kept`, 'm'));
  });

  test('where somebody killed what keeps the memory too, that is said', async (t) => {
    const here = scene(t);
    const it = await opened(here, ['tmpfs']);
    for (const pid of [it.inside, it.wrapper, it.agent]) await killed(pid);
    await isKept(here, it, /was killed/);
    assert.deepEqual(readdirSync(join(it.dir, 'tmp')), []);
  });

  test('who sits in the empty directory outside is not written over: it waits', async (t) => {
    const here = scene(t);
    const it = await opened(here, ['tmpfs']);
    const sitting = start('-e', ['console.log("ready");setInterval(() => {}, 1e3)'], {
      ...here.options,
      cwd: join(it.dir, 'tmp'),
    });
    await sitting.says('ready');
    for (const pid of [it.wrapper, it.agent]) await killed(pid);
    const { report } = await reapOnce(here, ['--orphans', 'end']);
    assert.deepEqual(report.kept, [{ id: it.id, state: 'held', reason: 'in-use' }]);
    assert.ok(isAlive(it.inside));
    await killed(sitting.pid);
    await isKept(here, it);
    hasWork(it.dir);
  });
});

describe('the same without a watchdog', { skip, concurrency: 2 }, () => {
  const left = async (here: Scene) => {
    const it = await opened(here, ['tmpfs', '--no-watchdog']);
    for (const pid of [it.wrapper, it.agent]) await killed(pid);
    const [session] = await listed(here);
    assert.deepEqual([session?.state, session?.holders], ['kept', []]);
    assert.equal(keptIn(it.dir), undefined);
    return it;
  };

  test('the reaper copies it, and who only looks does not', async (t) => {
    const here = scene(t);
    const it = await left(here);
    await reapOnce(here, ['--dry-run']);
    assert.ok(isAlive(it.inside) && !existsSync(join(it.dir, 'tmp/d')));
    for (const times of [1, 2]) {
      const { report, code } = await reapOnce(here);
      assert.deepEqual([times, code, report.failed], [times, 0, []]);
      assert.deepEqual(report.kept, [{ id: it.id, state: 'kept', reason: 'kept-on-request' }]);
    }
    await isKept(here, it);
    hasWork(it.dir);
  });

  test('`rm` removes it, and the memory is free', async (t) => {
    const here = scene(t);
    const it = await left(here);
    assert.equal((await run(qwTmp, ['rm', it.id], here.options)).code, 0);
    await waitUntil('its memory is free', () => !isAlive(it.inside));
    here.nothingLeft();
  });

  test('`rm` that is refused while the agent works leaves it to be kept', async (t) => {
    const here = scene(t);
    const it = await opened(here, ['tmpfs', '--no-watchdog']);
    await killed(it.wrapper);
    assert.equal((await run(qwTmp, ['rm', it.id], here.options)).code, 1);
    assert.deepEqual((await reapOnce(here)).report.kept, [
      { id: it.id, state: 'held', reason: 'agent-alive' },
    ]);
    assert.ok(isAlive(it.inside) && isAlive(it.agent));
    await reapOnce(here, ['--orphans', 'end']);
    await isKept(here, it);
    hasWork(it.dir);
  });
});
