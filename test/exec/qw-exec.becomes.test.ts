// qw-exec becomes the command: the same process in all that can be seen of it, with a TMPDIR of its own, both by a plan and
// by the planner.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { command, startOf } from '../helpers/exec.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { states } from '../helpers/listed.js';
import { qwExec } from '../helpers/paths.js';
import { quoted } from '../helpers/quoted.js';
import { killed } from '../helpers/reaping.js';
import { told } from '../helpers/receipts.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Runs `check` for a start by the planner, and for one by the plan that it made. */
function bothWays(what: string, check: (here: Scene, isPlanned: boolean) => Promise<void>): void {
  test(what, async (t) => {
    const here = scene(t);
    for (const isPlanned of [false, true]) {
      await check(here, isPlanned);
      await here.nothingLeftSoon();
    }
  });
}

describe('the command', { concurrency: 2 }, () => {
  bothWays(
    'is the process that was started, says its lease, and hears nothing of us',
    async (here, isPlanned) => {
      const child = start(
        qwExec,
        [command(here, 'echo "$$ $TMPDIR $TMP $TEMP $QW_SESSION $QW_ROOT"; cat /proc/$$/stat')],
        here.options,
      );
      const { stdout, stderr, code } = await child.done;
      const [lease = '', said, stat = ''] = stdout.split('\n');
      const { id, owner, agent, createdAt, command: told } = JSON.parse(lease);
      const tmpdir = join(here.box.root, id, 'tmp');
      assert.equal(/\.\d{9}Z$/.test(createdAt), isPlanned);
      assert.equal(said, `${child.pid} ${tmpdir} ${tmpdir} ${tmpdir} ${id} ${here.box.root}`);
      const startTime = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
      assert.deepEqual(
        [owner.pid, owner.startTime, agent],
        [child.pid, startTime, { pid: child.pid, startTime }],
      );
      assert.deepEqual([code, stderr, told], [0, '', [join(here.box.dir, 'agent')]]);
    },
  );

  const BYTES = Buffer.from([0x80, 0xff, 0x27, 0x22, 0x5c, 0x0a, 0x20, 0x2a, 0x24, 0x61]).toString('latin1');
  bothWays('gets its arguments and variables byte by byte', async (here, isPlanned) => {
    const agent = command(here, `printf '%s\\0' "$@" | od -An -tx1 -v; printf '%s' "$ODD" | od -An -tx1`);
    // Node has no bytes for arguments: printf(1) makes them.
    const octal = [...BYTES].map((char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
    const script = `odd=$(printf '${octal}x'); ODD=$odd; export ODD; exec "$0" "$1" "$odd" "" "a  b" "$odd" '*'`;
    const { stdout } = spawnSync('sh', ['-c', script, qwExec, agent], { ...here.options, encoding: 'utf8' });
    const [lease = '', ...dump] = stdout.split('\n');
    const hex = Buffer.from(`${BYTES}x`, 'latin1').toString('hex');
    assert.equal(
      dump.join('').replaceAll(' ', ''),
      `${hex}000061202062 00${hex}002a00${hex}`.replaceAll(' ', ''),
    );
    assert.deepEqual(/\.\d{9}Z$/.test(JSON.parse(lease).createdAt), isPlanned);
  });

  bothWays(
    'keeps its group, its descriptors 3 to 9, its umask and what it ignores',
    async (here, isPlanned) => {
      const look = `ps -o pgid= -p $$ | tr -d ' '; umask; grep SigIgn /proc/$$/status; cat <&7; ls /proc/$$/fd | tr '\\n' ' '; echo`;
      const script = `trap '' HUP USR1 TSTP; umask 027; exec 7<"$F"; exec "$@"`;
      const file = join(here.box.dir, 'seven');
      writeFileSync(file, 'seven\n');
      const options = { ...here.options, env: { ...here.options.env, F: file }, encoding: 'utf8' as const };
      const bare = ['sh', '-c', look];
      const agent = command(here, look);
      const ours = spawnSync('sh', ['-c', script, 'sh', qwExec, agent], options).stdout.split('\n');
      const without = spawnSync('sh', ['-c', script, 'sh', ...bare], options).stdout.split('\n');
      assert.equal(/\.\d{9}Z$/.test(JSON.parse(ours[0] ?? '').createdAt), isPlanned);
      assert.deepEqual(ours.slice(2, 4), without.slice(1, 3), 'umask and ignored signals');
      assert.deepEqual(ours.slice(4, 5), ['seven']);
    },
  );

  bothWays('has no child of ours, and no one of us in its group', async (here, isPlanned) => {
    const child = start(qwExec, [command(here, 'echo "ready $$ "; exec sleep 600')], {
      ...here.options,
      detached: true,
    });
    assert.equal(await readyPid(child.says), child.pid);
    assert.match(child.stdout(), isPlanned ? /\.\d{9}Z"/ : /\.\d{3}Z"/);
    assert.equal(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'), '');
    const group = spawnSync('ps', ['-o', 'pid=', '--no-headers', '-s', `${child.pid}`], { encoding: 'utf8' });
    assert.equal(group.stdout.trim(), `${child.pid}`);
    const { id } = JSON.parse(child.stdout().split('\n')[0] ?? '');
    assert.deepEqual(await states(here), [`${id} live`]);
    await killed(child.pid);
    await child.done;
  });
});

describe('its end', { concurrency: 2 }, () => {
  test('takes what it left running along, says so in the receipt, and leaves nothing', async (t) => {
    const here = scene(t);
    const { stderr, code } = await startOf(here, [
      command(here, `${leftSleeping('setsid sleep 600 >/dev/null 2>&1')} exit 7`),
    ]);
    assert.deepEqual([code, stderr], [7, '']);
    await here.nothingLeftSoon();
    await waitUntil('the receipt is written', () => told(here).length > 0);
    assert.deepEqual(told(here), ['watchdog removed']);
    const log = readFileSync(join(here.box.dir, 's/qw-run/log'), 'utf8');
    assert.match(log, /"ended":\[\{"pid":\d+,"name":"sleep"/);
  });

  test('is one also where nobody collects it', async (t) => {
    const here = scene(t);
    const agent = command(here, 'echo "ready $$ "; exec sleep 600');
    // Its parent does not wait for it.
    const script = `"$0" "$1" & echo "child $! "; exec sleep 600 >/dev/null 2>&1`;
    const parent = start('/bin/sh', ['-c', script, qwExec, agent], here.options);
    const pid = await readyPid(parent.says);
    process.kill(pid, 'SIGKILL');
    await waitUntil('the session is gone', () => here.box.left().length === 0);
    assert.match(readFileSync(`/proc/${pid}/stat`, 'utf8'), /\) Z /);
    await killed(parent.pid);
    await here.nothingLeftSoon();
  });
});

describe('a session around it', { concurrency: 2 }, () => {
  test('that is its own stays: a relaunch in place keeps TMPDIR', async (t) => {
    const here = scene(t);
    const again = command(here, 'echo "$TMPDIR $$"');
    const first = join(here.box.dir, 'first');
    writeFileSync(first, `#!/bin/sh\necho "$TMPDIR $$"\nexec ${quoted(qwExec, again)}\n`, { mode: 0o755 });
    const { stdout } = await startOf(here, [first]);
    const [before, , after] = stdout.split('\n');
    assert.equal(before, after);
    await here.nothingLeftSoon();
  });

  test('that is another one is named as its parent', async (t) => {
    const here = scene(t);
    const inner = command(here);
    const outer = join(here.box.dir, 'outer');
    writeFileSync(outer, `#!/bin/sh\necho "$QW_SESSION"\n${quoted(qwExec, inner)}\n`, { mode: 0o755 });
    const { stdout } = await startOf(here, [outer]);
    const [parent, lease = ''] = stdout.split('\n');
    assert.equal(JSON.parse(lease).parent, parent);
    assert.notEqual(JSON.parse(lease).id, parent);
    await here.nothingLeftSoon();
  });

  test("is none for Claude's daemon and the hosts of its terminals", async (t) => {
    const here = scene(t);
    const claude = join(here.box.dir, 'claude');
    writeFileSync(claude, '#!/bin/sh\necho "$* ($TMPDIR) ($QW_SESSION)"\n', { mode: 0o755 });
    const inside = { QW_SESSION: 'abcdefgh', TMPDIR: '/somewhere' };
    for (const word of ['daemon', '--bg-pty-host']) {
      const { stdout } = await startOf(here, [claude, word, 'x'], inside);
      assert.equal(stdout, `${word} x () ()\n`);
    }
    const { stdout } = await startOf(here, [claude, 'daemon'], { TMPDIR: here.box.dir });
    assert.equal(stdout, `daemon (${here.box.dir}) ()\n`, "the user's own");
    await here.nothingLeftSoon();
  });
});
