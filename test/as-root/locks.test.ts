// Owners whom identity cannot tell from where somebody looks: procfs hides them, their start times are told by another clock, their pids
// are of another namespace, there is no procfs. Their lock is held, and a held lock keeps, whatever the clock says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { type Running, run, start } from '../helpers/cli.js';
import { noFlock, rootLocked } from '../helpers/locks.js';
import { fixture, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts, mount, OWN_MOUNTS } from '../helpers/private-mounts.js';
import { HOUR, killed, openWith, put, shifted } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { ownedByUser, USER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url) || noFlock();
const STAYS = 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1';
const FOUR_DAYS = { jumpMs: 96 * HOUR };
/** Not the clock alone: where start times count as ours do, a clock that was set makes nothing old. */
const PASSED = { laterMs: 96 * HOUR };
const NEW_PIDS = ['unshare', '--pid', '--fork', '--mount-proc', '--propagation', 'private'];
const NO_PROCFS = [...OWN_MOUNTS, 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
const NEW_TIME = ['unshare', '--time', '--boottime', '100000', '--monotonic', '100000', '--fork'];

interface Look {
  /** `state reason` of each session. */
  kept: string[];
  removed: string[];
}

/** One pass and one list, by a program that is started through `how`, in another time. */
async function lookFrom(
  how: string[],
  options: Scene['options'],
  shift = {},
): Promise<Look & { listed: string[] }> {
  const env = { ...options.env, ...shifted(shift) };
  const [file = '', ...args] = [...how, process.execPath, qwTmp];
  const told = (...command: string[]) => {
    const { stdout, stderr } = spawnSync(file, [...args, ...command, '--json'], {
      ...options,
      env,
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  };
  const list = told('list') as { sessions: { state: string; reason: string }[] };
  const { kept, removed } = told('reap', '--orphans', 'end', '--max-age', '1h') as ReapReport;
  const words = (one: { state: string; reason: string }) => `${one.state} ${one.reason}`;
  return {
    listed: list.sessions.map(words),
    kept: kept.map(words),
    removed: removed.map(({ reason }) => reason),
  };
}

const LOCKED = { listed: ['foreign lock-held'], kept: ['foreign lock-held'], removed: [] };
const FRESH = 'foreign heartbeat-fresh';
const STALE = { listed: ['orphan stale-elsewhere'], kept: [], removed: ['stale-elsewhere'] };

for (const [what, how] of [
  ['from another pid namespace', NEW_PIDS],
  ['from another time namespace', NEW_TIME],
  ['without procfs', NO_PROCFS],
] as const)
  describe(`${what}, and the clock four days ahead`, {
    skip:
      skip || (spawnSync(how[0] as string, [...how.slice(1), 'true']).status !== 0 && 'no such namespace'),
  }, () => {
    test('a living session is foreign by its lock, and so is one whose agent alone lives', async (t) => {
      const here = scene(t);
      const { wrapper, agent, tmpdir } = await openWith(here, [], STAYS);
      put(join(tmpdir, 'claude-1-cwd'));
      await rootLocked(here.box);
      assert.deepEqual(await lookFrom([...how], here.options, FOUR_DAYS), LOCKED);
      assert.ok(existsSync(join(tmpdir, 'claude-1-cwd')), 'nor is it swept');
      await killed(wrapper.pid);
      await rootLocked(here.box);
      assert.deepEqual(await lookFrom([...how], here.options, FOUR_DAYS), LOCKED, 'its agent lives');
      await killed(agent);
      await here.nothingLeftSoon();
    });

    test('one without a lock goes by its age, as ever', async (t) => {
      const here = scene(t);
      const { wrapper, agent } = await openWith(here, ['--no-watchdog'], STAYS);
      const young = { listed: [FRESH], kept: [FRESH], removed: [] };
      assert.deepEqual(await lookFrom([...how], here.options), young);
      await killed(wrapper.pid);
      await killed(agent);
      assert.deepEqual(await lookFrom([...how], here.options, PASSED), STALE);
      here.nothingLeft();
    });
  });

test('from another mount namespace the lock is the same', { skip }, async (t) => {
  const here = scene(t);
  const { wrapper } = await openWith(here, [], STAYS);
  await rootLocked(here.box);
  const how = [...OWN_MOUNTS, 'flock', '-n', '-x', here.box.root, 'true'];
  assert.equal(spawnSync(how[0] as string, how.slice(1)).status, 1);
  wrapper.child.kill('SIGTERM');
  await wrapper.done;
});

/** A server that opened a session as root and is USER since then. */
async function privileged(
  t: TestContext,
  here: Scene,
): Promise<{ owner: Running; options: Scene['options'] }> {
  const user = ownedByUser(here);
  const owner = start(fixture('serve-as-another.mjs'), [String(USER)], {
    ...here.options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.after(() => owner.child.kill('SIGKILL'));
  await readyPid(owner.says);
  await rootLocked(here.box);
  return { owner, options: user };
}

for (const hidepid of ['1', '2'])
  test(`with hidepid=${hidepid} a server that called setuid owns a living session`, { skip }, async (t) => {
    const here = scene(t);
    const { owner, options } = await privileged(t, here);
    mount('-t', 'proc', '-o', `hidepid=${hidepid}`, 'proc', '/proc');
    try {
      const by = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
      assert.deepEqual(await lookFrom(by, here.options, FOUR_DAYS), LOCKED);
      const rm = await run(qwTmp, ['rm', sessionOf(owner)], options);
      assert.deepEqual([rm.code, /foreign/.test(rm.stdout + rm.stderr)], [1, true]);
      await killed(owner.pid);
      await here.nothingLeftSoon();
    } finally {
      spawnSync('umount', ['--lazy', '/proc']); // that one alone
    }
  });

const sessionOf = (owner: Running): string => /session (\S+)/.exec(owner.stdout())?.[1] ?? '';
