// The launcher in a unit of systemd's: the agent is its main process, and what watches it is in the unit, too. systemd signals all
// that is in there, when it stops a unit and when the main process has left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { command } from '../helpers/exec.js';
import { states } from '../helpers/listed.js';
import { qwExec } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { ids, reapOnce } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAYS = 'setsid sleep 600 >/dev/null 2>&1 & echo "ready $$ "; wait';

describe('all of a unit is signalled', { concurrency: 2 }, () => {
  test('SIGTERM and SIGHUP, again and again: nothing is left', async (t) => {
    const here = scene(t);
    const agent = start(qwExec, [command(here, STAYS)], here.options);
    const pid = await readyPid(agent.says);
    await waitUntil('it is watched', () => watchersOf(pid).length > 0);
    for (let more = 20; more > 0 && here.box.left().length > 0; more -= 1) {
      for (const one of [...here.processes(), ...watchersOf(pid)])
        for (const signal of ['SIGTERM', 'SIGCONT', 'SIGHUP'] as const) kill(one, signal);
      await waitUntil('a look later', () => true);
    }
    await agent.done;
    await here.nothingLeftSoon();
  });

  test('SIGKILL: the next pass takes what is left', async (t) => {
    const here = scene(t);
    const agent = start(qwExec, [command(here, STAYS)], here.options);
    const pid = await readyPid(agent.says);
    // Stopped first: a watchdog that outlives by a moment what it watches would remove the session.
    await waitUntil('it is watched', () => watchersOf(pid).some((one) => argsOf(one).some(isWatchdog)));
    const [id = ''] = ids(here.box);
    const all = () => [...watchersOf(pid), ...here.processes()];
    await waitUntil('all are gone', () => {
      const those = all().flatMap((one) => [-one, one]); // its group, where it leads one
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const target of those) kill(target, signal);
      return all().length === 0;
    });
    await agent.done;
    assert.deepEqual(await states(here), [`${id} orphan`]);
    assert.deepEqual((await reapOnce(here)).ids, [id]);
    here.nothingLeft();
  });
});

describe('a user’s systemd', { skip: noSystemd(), concurrency: 2 }, () => {
  for (const kind of ['--scope', '--pipe'])
    test(`${kind}: the agent is the unit's; nothing is left when it leaves, and when the unit is stopped`, async (t) => {
      const here = scene(t);
      for (const isStopped of [false, true]) {
        const unit = `qw-test-${process.pid}-${kind.slice(2)}-${isStopped}`;
        const script = `echo "ready $$ "; ${isStopped ? 'wait' : 'exit 7'}`;
        const agent = command(here, `${STAYS.split('echo')[0]} tail -n 1 /proc/$$/cgroup; ${script}`);
        const words = [kind, '--quiet', '--collect', `--unit=${unit}`, `--working-directory=${here.box.cwd}`];
        const run = systemd(here, 'systemd-run', ...words, ...variables(here), '--', qwExec, agent);
        const pid = await readyPid(run.says);
        assert.match(run.stdout(), new RegExp(`/${unit}\\.(scope|service)\n`));
        if (kind === '--scope') assert.equal(pid, run.pid);
        if (isStopped)
          await systemd(here, 'systemctl', 'stop', unit + (kind === '--scope' ? '.scope' : '')).done;
        const { code } = await run.done;
        if (!isStopped) assert.equal(code, 7);
        await here.nothingLeftSoon();
        await waitUntil('nobody of us is in there', () => watchersOf(pid).length === 0);
      }
    });
});

/** What waits for the death of an agent, and what comes after it: they name it. */
const watchersOf = (agent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isWatcher(Number(name), agent))
    .map(Number);

function isWatcher(pid: number, agent: number): boolean {
  const args = argsOf(pid);
  return (
    args.some((arg) => /\/qw-(follow|watchdog)\.(sh|cjs)$|\/\.probe\.\d+\.0$|lease\.json/.test(arg)) &&
    args.some((arg) => new RegExp(`(^|[./ ])${agent}([:. ;]|$)`).test(arg))
  );
}

const isWatchdog = (arg: string): boolean => arg.endsWith('/qw-watchdog.sh');

function argsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // gone
  }
}

function noSystemd(): string | false {
  const { status } = spawnSync('systemd-run', ['--user', '--scope', '--quiet', '--collect', 'true']);
  return status !== 0 && 'no systemd --user';
}

/** A service does not get its caller's environment. */
const variables = ({ options }: Scene): string[] =>
  Object.entries(options.env).flatMap(([name, value]) =>
    /^(QW_|HOME$|PATH$|XDG_STATE_HOME$|TEST_MARK)/.test(name) ? [`--setenv=${name}=${value}`] : [],
  );

const systemd = ({ options }: Scene, program: string, ...words: string[]) =>
  start('/bin/sh', ['-c', 'exec "$0" --user "$@"', program, ...words], options);
