// qw-tmp show and qw-tmp shell: one session with all that can be seen of it, and a shell that uses it without belonging to it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { openTerminal } from '../helpers/pty.js';
import { forge, killed, leaseOf, openWith, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const WAIT = 'echo "ready $$ "; sleep 600 & wait';

describe('qw-tmp show', { concurrency: 2 }, () => {
  test('shows a living session: where, who, what is large, what would become of it', async (t) => {
    const here = scene(t);
    const { id, tmpdir, agent, wrapper } = await openWith(here, ['--label', 'Bau 1'], WAIT);
    put(join(tmpdir, 'deep/large'), 'x'.repeat(300_000));
    const child = await waitUntil('its child is there', () =>
      here.processes().find((pid) => pid !== agent && pid !== wrapper.pid && nameOf(pid) === 'sleep'),
    );
    const user = await outsider(here, 'cwd', tmpdir);
    const { code, stdout, stderr } = await run(qwTmp, ['show', 'Bau 1'], here.options);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^${id}  live  \\(owner-alive\\)  Bau 1$`, 'm'));
    for (const line of [`TMPDIR +${tmpdir}`, `in +${here.box.cwd}`, `owner +process ${wrapper.pid} on .*`])
      assert.match(stdout, new RegExp(`^ +${line}$`, 'm'));
    assert.match(stdout, new RegExp(`^  ${agent} sh +member +the agent\n    ${child} sleep +member`, 'm'));
    assert.match(stdout, new RegExp(`^  ${user} \\S+ +holder +has something open there, cwd`, 'm'));
    assert.match(stdout, /^ {2}\d+ KiB {2}deep\/large$/m);
    assert.match(
      stdout,
      new RegExp(
        `SIGTERM for its \\d processes, SIGKILL after the grace period\n +TMPDIR stays while it is in use by .*${user}`,
      ),
    );
    const json = await run(qwTmp, ['show', id, '--json'], here.options);
    const { version, session } = JSON.parse(json.stdout);
    assert.deepEqual(
      [json.code, version, session.id, session.cwd, session.keep],
      [0, 1, id, here.box.cwd, false],
    );
    const parents = session.processes.map(({ pid, parent }: { pid: number; parent: number }) => [
      pid,
      parent,
    ]);
    assert.deepEqual(new Map(parents).get(child), agent);
    await killed(user);
    await killed(agent);
    await wrapper.done;
    here.nothingLeft();
  });

  for (const [what, lease, said] of [
    ['an orphan', {}, 'the next reaper removes it'],
    ['a kept one', { kept: { at: new Date() } }, 'it stays; qw-tmp rm forged00 removes it'],
    ['one elsewhere', { owner: { ...elsewhere() } }, 'qw-tmp cannot tell from here whether it has ended'],
  ] as const)
    test(`says what becomes of ${what}, and changes nothing`, async (t) => {
      const here = scene(t);
      forge(here.box, 'forged00', { lease: leaseOf('forged00', lease) });
      const { code, stdout } = await run(qwTmp, ['show', 'forg'], here.options);
      assert.equal(code, 0);
      assert.ok(stdout.endsWith(`at its end\n  ${said}\n`), stdout);
      assert.deepEqual(here.box.left(), ['forged00']);
    });

  test('takes one name that is a session', async (t) => {
    const here = scene(t);
    forge(here.box, 'forged00', { lease: leaseOf('forged00') });
    for (const [args, said] of [
      [[], /needs the id of one session/],
      [['forged00', 'forged00'], /needs the id of one session/],
      [['forged01'], /"forged01" is no id, .*; did you mean forged00\?/],
    ] as const)
      for (const command of ['show', 'shell']) {
        const { code, stdout, stderr } = await run(qwTmp, [command, ...args], here.options);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, said);
      }
  });
});

describe('qw-tmp shell', { concurrency: 2 }, () => {
  test('is in TMPDIR with the environment of whoever asks, and ends as the shell does', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'kept0000', {
      lease: leaseOf('kept0000', { kept: { at: new Date() } }),
    });
    const input = 'pwd; ls; echo "[$TMPDIR$QW_SESSION]"; exit 7';
    const options = { ...here.options, env: { ...here.options.env, SHELL: '/bin/sh' }, input };
    const done = spawnSync(process.execPath, [qwTmp, 'shell', 'kept0000'], { ...options, encoding: 'utf8' });
    assert.deepEqual([done.status, done.stdout], [7, `${tmpdir}\nsome\n[]\n`], done.stderr);
    const none = { ...here.options, env: { ...here.options.env, SHELL: '/no/such/shell' } };
    const failed = await run(qwTmp, ['shell', 'kept0000'], none);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /cannot start \/no\/such\/shell .*ENOENT\n$/);
  });

  test('is never ended with the session: TMPDIR stays until it is gone', async (t) => {
    const here = scene(t);
    const { id, tmpdir, agent, wrapper } = await openWith(here, [], WAIT);
    const env = { ...here.options.env, SHELL: '/bin/sh' };
    const terminal = openTerminal(t, process.execPath, [qwTmp, 'shell', id], { ...here.options, env });
    await terminal.shows('stays until this shell ends');
    terminal.type('echo I am $$.\r');
    const screen = await terminal.shows(/I am \d+\./);
    const shell = Number(/I am (\d+)\./.exec(screen)?.[1]);
    await killed(agent);
    const { stderr } = await wrapper.done;
    assert.match(stderr, new RegExp(`stays while it is in use by .*\\(${shell}, holder\\)`));
    assert.ok(isAlive(shell) && existsSync(tmpdir));
    terminal.type('\u0003'); // the shell's own: it goes on, and so do we
    await terminal.shows(/\^C\s+\S* ?/);
    terminal.type('echo still here\r');
    await terminal.shows(/\nstill here/);
    terminal.type('exit 3\r');
    assert.equal((await terminal.ends()).exitCode, 3);
    await here.nothingLeftSoon();
  });
});

function elsewhere() {
  return { ...(leaseOf('x')['owner'] as object), host: 'elsewhere', bootId: 'another', pidNamespace: '1' };
}
