// What watches an agent in exec mode: little of it, and it goes on whatever of it is killed or signalled; nothing outlives the agent.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { attempt } from '#src/fs.js';
import { argsOf, missing } from '../helpers/belongs.js';
import { childrenOf, start } from '../helpers/cli.js';
import { command, read, type Watcher, watchersOf } from '../helpers/exec.js';
import { states } from '../helpers/listed.js';
import { qwExec } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed, reapOnce } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** With waitpid(1) a shell and that, else what is below. */
const WAITS = ['cat', 'pidwait', 'sh', 'timeout'];
const hasWaitpid = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].some((dir) => existsSync(join(dir, 'waitpid')));

interface Watched {
  agent: number;
  dir: string;
  by(name: string): number;
}

/** An agent, once all are there that wait for its death. */
async function watched(here: Scene): Promise<Watched> {
  const child = start(qwExec, [command(here, 'echo "ready $$ "; exec sleep 600')], here.options);
  const agent = await readyPid(child.says);
  const all = await waitUntil('it is watched', () => {
    const found = watchersOf(agent);
    return isWhole(found) ? found : undefined;
  });
  const by = (name: string) => all.find((one) => nameOf(one) === name)?.pid ?? 0;
  return { agent, dir: join(here.box.root, ids(here.box)[0] ?? ''), by };
}

const isWhole = (found: readonly Watcher[]): boolean =>
  found.map(nameOf).sort().join() === (hasWaitpid ? 'sh,waitpid' : WAITS.join());
/** Empty where it is gone. */
const nameOf = ({ pid }: Pick<Watcher, 'pid'>): string =>
  attempt(() => read(`/proc/${pid}/comm`).trim()) ?? '';

/** Its shell is killed, and `shell` watches in its place, with beats of a second. Who waits, and what it complained of. */
async function watchedBy(here: Scene, it: Watched, shell: string) {
  const own = watchersOf(it.agent);
  const { args = [] } = own.find(({ pid }) => pid === it.by('sh')) ?? {};
  for (const { pid } of own) await killed(pid);
  const [, script = '', ...words] = args;
  const bins = join(here.box.dir, 'bins');
  cpSync(dirname(script), bins, { recursive: true });
  const copy = join(bins, basename(script));
  writeFileSync(copy, read(copy).replaceAll(/\b600\b/g, '1'));
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', qw_exec: '1' };
  const { stderr } = start('/bin/sh', ['-c', `exec ${shell} "$@"`, 'sh', copy, ...words], { env });
  const pid = await waitUntil(
    'it waits',
    () =>
      watchersOf(it.agent).find(
        ({ args, pid }) =>
          args.includes(copy) && childrenOf(pid).some((child) => /^(timeout|cat)/.test(argsOf(child))),
      )?.pid,
  );
  const [, flock = '', , lock = ''] = words;
  const isLocked = () => spawnSync(flock, ['-n', join(here.box.root, lock), 'true']).status !== 0;
  return { pid, stderr, isLocked };
}

/** After its agent's death. */
async function nothingStays(here: Scene, { agent }: Watched): Promise<void> {
  await killed(agent);
  await here.nothingLeftSoon();
  await waitUntil('nobody watches', () => watchersOf(agent).length === 0);
}

describe('what watches an agent', { concurrency: 2 }, () => {
  test('is one shell and what that waits with', async (t) => {
    const here = scene(t);
    const it = await watched(here);
    const [args = []] = watchersOf(it.agent).flatMap(({ pid, args }) => (pid === it.by('sh') ? [args] : []));
    assert.equal(basename(args[1] ?? ''), 'qw-follow.sh');
    await nothingStays(here, it);
  });

  test('the shell is killed: the next pass takes the session, and nobody waits for the dead', async (t) => {
    const here = scene(t);
    const it = await watched(here);
    const [id = ''] = ids(here.box);
    const others = watchersOf(it.agent).filter(({ pid }) => pid !== it.by('sh'));
    await killed(it.by('sh'));
    assert.deepEqual(await states(here), [`${id} live`]);
    await killed(it.agent);
    await waitUntil('all are gone', () => others.every(({ pid }) => !existsSync(`/proc/${pid}`)));
    assert.deepEqual((await reapOnce(here)).ids, [id]);
    here.nothingLeft();
  });

  for (const name of hasWaitpid ? [] : ['pidwait', 'timeout'])
    test(`${name} is killed: the death is seen all the same`, async (t) => {
      const here = scene(t);
      const it = await watched(here);
      await killed(it.by(name));
      await nothingStays(here, it);
    });

  test('SIGTERM and SIGHUP to all of them: the lease is touched, a lost TMPDIR made again, and they wait on', async (t) => {
    const here = scene(t);
    const it = await watched(here);
    const lease = join(it.dir, 'lease.json');
    utimesSync(lease, 1, 1);
    rmdirSync(join(it.dir, 'tmp'));
    for (const { pid } of watchersOf(it.agent))
      for (const signal of ['SIGHUP', 'SIGTERM'] as const) kill(pid, signal);
    // One that waits with waitpid ignores them, as we do.
    if (!hasWaitpid)
      await waitUntil('a beat', () => statSync(lease).mtimeMs > 1_000 && existsSync(join(it.dir, 'tmp')));
    await waitUntil('they wait on', () => isWhole(watchersOf(it.agent)));
    await nothingStays(here, it);
  });

  for (const shell of ['dash', 'busybox sh'])
    test(`${shell} that cannot start anything: waits on, and does its work once it can`, {
      skip: cannotRefuse(shell),
    }, async (t) => {
      const here = scene(t);
      const it = await watched(here);
      const { pid, stderr, isLocked } = await watchedBy(here, it, shell);
      const limit = (...words: string[]) => {
        const done = spawnSync('prlimit', ['--pid', String(pid), ...words], { encoding: 'utf8' });
        assert.equal(done.status, 0, done.stderr);
        return done.stdout.trim();
      };
      const before = limit('--nproc', '--noheadings', '--output=SOFT');
      limit('--nproc=1:');
      await waitUntil('it could not', () => stderr().includes('fork'));
      assert.deepEqual(await states(here), [`${ids(here.box)[0]} live`]);
      assert.ok(isAlive(pid) && isLocked(), stderr());
      limit(`--nproc=${before}:`);
      await nothingStays(here, it);
    });
});

/** Why nobody can keep this shell from starting something, or false. */
function cannotRefuse(shell: string): string | false {
  const [file = ''] = shell.split(' ');
  if (process.getuid?.() === 0) return 'no limit counts for root';
  return hasWaitpid ? 'waits with waitpid' : missing('prlimit', file);
}
