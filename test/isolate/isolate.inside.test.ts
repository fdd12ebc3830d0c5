// What an agent finds in an isolated session, and that everything promised without isolation holds there too.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { noIsolation, seers } from '../helpers/isolation.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { bareSleeping } from '../helpers/left-sleeping.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = noIsolation();
const MODES = [
  ['tmpfs', ['--isolate', 'tmpfs', '--size', '4M']],
  ['tmp', ['--isolate', 'tmp']],
  ['tmp in memory', ['--isolate', 'tmp', '--size', '4M']],
] as const;

const sh = ({ options }: Scene, flags: readonly string[], script: string, more: NodeJS.ProcessEnv = {}) =>
  run(qwRun, [...flags, 'sh', '-c', script], { ...options, env: { ...options.env, ...more } });

for (const [name, flags] of MODES)
  describe(name, { skip }, () => {
    test('TMPDIR is private, can be written, and nothing is left of it', async (t) => {
      const here = scene(t);
      const script = 'cd "$TMPDIR" && mktemp && [ "$TMP$TEMP" = "$TMPDIR$TMPDIR" ] && echo "$TMPDIR"';
      const { code, stdout, stderr } = await sh(here, flags, script);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const [made = '', tmpdir = ''] = stdout.split('\n');
      assert.ok(made.startsWith(`${tmpdir}/tmp.`), stdout);
      assert.equal(tmpdir === '/tmp', name !== 'tmpfs');
      here.nothingLeft();
    });

    test('working directory, arguments, stdio and exit code are as without', async (t) => {
      const here = scene(t);
      const { code, stdout, stderr } = await run(
        qwRun,
        [
          ...flags,
          'sh',
          '-c',
          'pwd; printf "<%s>" "$@"; echo err >&2; exit 7',
          'x',
          '-a',
          '',
          'b c',
          '--',
          '$HOME',
        ],
        here.options,
      );
      assert.deepEqual(
        { code, stdout, stderr },
        {
          code: 7,
          stdout: `${here.box.cwd}\n<-a><><b c><--><$HOME>`,
          stderr: 'err\n',
        },
      );
      here.nothingLeft();
    });

    test('the fatal signal is raised again', async (t) => {
      const here = scene(t);
      const { code, signal } = await sh(here, flags, 'kill -TERM $$');
      assert.deepEqual({ code, signal }, { code: null, signal: 'SIGTERM' });
      here.nothingLeft();
    });

    test('127 and 126 are told', async (t) => {
      const here = scene(t);
      const codes = [];
      for (const file of ['no-such-command', './no-such-file', '/etc/passwd'])
        codes.push((await run(qwRun, [...flags, file], here.options)).code);
      assert.deepEqual(codes, [127, 127, 126]);
      here.nothingLeft();
    });

    test('a survivor without environment, parents or terminal is found by its mounts', async (t) => {
      const here = scene(t);
      const { code, stderr } = await sh(here, flags, bareSleeping());
      assert.equal(code, 0);
      assert.match(stderr, /^qw-run: ended 1 left running: sleep \(\d+\)\n$/);
      here.nothingLeft();
    });

    test('one inside a sandbox of its own, too', async (t) => {
      const here = scene(t);
      const { stderr } = await sh(here, flags, bareSleeping('bwrap --dev-bind / /'));
      assert.match(stderr, /ended \d left running: .*sleep/);
      here.nothingLeft();
    });

    test('--survivors keep: whoever it is lives on with its TMPDIR, which goes with it', async (t) => {
      const here = scene(t);
      const script = 'echo x >"$TMPDIR/f"; setsid sleep 600 >&- 2>&- & echo "ready $! $TMPDIR "';
      const { code, stdout, stderr } = await sh(here, [...flags, '--survivors', 'keep'], script);
      const [, pid = '', tmpdir = ''] = /ready (\d+) (\S+) /.exec(stdout) ?? [];
      assert.equal(code, 0);
      assert.match(
        stderr,
        new RegExp(`^qw-run: \\S+ stays while it is in use by \\w+ \\(${pid}\\)[^\\n]*\\n$`),
      );
      assert.equal(readFileSync(join(`/proc/${pid}/root`, tmpdir, 'f'), 'utf8'), 'x\n');
      kill(Number(pid), 'SIGKILL');
      await here.nothingLeftSoon();
    });

    test('SIGTERM begins the end; who ignores it gets SIGKILL after the grace period', async (t) => {
      const here = scene(t);
      const running = start(
        qwRun,
        [...flags, '--grace', '200ms', 'sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'],
        here.options,
      );
      await running.says('ready');
      running.child.kill('SIGTERM');
      const { signal } = await running.done;
      assert.equal(signal, 'SIGKILL');
      here.nothingLeft();
    });

    test('--keep brings the files to disk', async (t) => {
      const here = scene(t);
      const { code, stderr } = await sh(
        here,
        [...flags, '--keep'],
        'mkdir "$TMPDIR/d"; echo kept >"$TMPDIR/d/f"',
      );
      assert.equal(code, 0);
      const [, kept = '', id = ''] = /kept (\S+); remove it with: qw-tmp rm (\w+)/.exec(stderr) ?? [];
      assert.equal(readFileSync(join(kept, 'd/f'), 'utf8'), 'kept\n');
      assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 0);
      here.nothingLeft();
    });

    test('qw-tmp list shows what is in it, and not the process that keeps it', async (t) => {
      const here = scene(t);
      writeFileSync(join(here.box.cwd, 'project'), Buffer.alloc(3_000_000, 1)); // in sight inside, not of the session
      const script = 'head -c 1000000 /dev/urandom >"$TMPDIR/f"; echo "ready $$ "; exec sleep 600';
      const running = start(qwRun, [...flags, 'sh', '-c', script], here.options);
      const agent = await readyPid(running.says);
      await waitUntil('its exec is done', () => nameOf(agent) === 'sleep');
      const { stdout } = await run(qwTmp, ['list', '--json'], here.options);
      const [session] = JSON.parse(stdout).sessions;
      assert.ok(session.bytes >= 1_000_000 && session.bytes < 3_000_000, stdout);
      assert.equal(session.isolate.mode, flags[1]);
      assert.deepEqual(
        session.holders.map(({ name }: { name: string }) => name),
        ['sleep'],
      );
      running.child.kill('SIGTERM');
      await running.done;
      here.nothingLeft(['project']);
    });

    test('a nested run works, and goes with it', async (t) => {
      const here = scene(t);
      const shared = name === 'tmpfs' ? [] : ['--share', repoRoot]; // it may lie below /tmp itself
      const inner = `node ${quoted(qwRun)} --label inner sh -c 'echo "$TMPDIR"; mktemp >/dev/null'`;
      const { code, stdout, stderr } = await sh(here, [...flags, ...shared], inner);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.match(stdout, /^\/.*\/\w{8}\/tmp\n$/);
      here.nothingLeft();
    });
  });

test('a command whose name looks like a variable or an option is run', { skip }, async (t) => {
  const here = scene(t);
  const { cwd } = here.box;
  const env = { ...here.options.env, PATH: `${cwd}:${process.env['PATH']}` };
  for (const name of ['a=b', '-a=b', '-a']) {
    writeFileSync(join(cwd, name), '#!/bin/sh\necho "it $@"\n', { mode: 0o755 });
    const command = ['--isolate', 'tmpfs', '--', name, 'echo', 'wrong'];
    const { stdout, stderr } = await run(qwRun, command, { ...here.options, env });
    assert.equal(stdout, 'it echo wrong\n', stderr);
  }
  here.nothingLeft(['-a', '-a=b', 'a=b']);
});

test('tmpfs: the host sees nothing of what is written', { skip }, async (t) => {
  const here = scene(t);
  const running = start(
    qwRun,
    ['--isolate', 'tmpfs', 'sh', '-c', 'echo x >"$TMPDIR/f"; echo "ready $TMPDIR "; exec sleep 600'],
    here.options,
  );
  const [, tmpdir = ''] = /ready (\S+) /.exec(await running.says(/ready \S+ /)) ?? [];
  assert.ok(existsSync(tmpdir) && !existsSync(join(tmpdir, 'f')));
  assert.ok(seers(basename(here.box.dir)).length > 0);
  running.child.kill('SIGTERM');
  await running.done;
  assert.deepEqual(seers(basename(here.box.dir)), []);
  here.nothingLeft();
});

test('tmp: what ignores TMPDIR lands in the session', { skip }, async (t) => {
  const here = scene(t);
  const name = `qw-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const script = `mkdir /tmp/${name} && echo x >/var/tmp/${name}/f && cat "$TMPDIR/${name}/f"`;
  assert.equal((await sh(here, ['--isolate', 'tmp'], script)).stdout, 'x\n');
  assert.ok(!existsSync(`/tmp/${name}`) && !existsSync(`/var/tmp/${name}`));
});

test('tmp: --share keeps a path in sight, and what it is called by', { skip }, async (t) => {
  const here = scene(t);
  const path = join(here.box.dir, 'seen');
  mkdirSync(path);
  writeFileSync(join(path, 'f'), 'shared\n');
  const script = `cat ${path}/f; echo back >${path}/g`;
  const without = await sh(here, ['--isolate', 'tmp'], script);
  assert.notEqual(without.code, 0);
  const { stdout } = await sh(here, ['--isolate', 'tmp', '--share', path], script);
  assert.equal(stdout, 'shared\n');
  assert.equal(readFileSync(join(path, 'g'), 'utf8'), 'back\n');
});

test('the limit that was reached is told at the end', { skip }, async (t) => {
  const here = scene(t);
  const { code, stderr } = await sh(
    here,
    ['--isolate', 'tmpfs', '--size', '3M'],
    'head -c 5000000 /dev/zero 2>/dev/null >"$TMPDIR/f"',
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^qw-run: the session's limit of 3\.0 MiB was reached \(ENOSPC.*--size; largest: "f" 3\.0 MiB\n$/,
  );
  here.nothingLeft();
});

test('a server holds 20 at once', { skip }, async (t) => {
  const here = scene(t);
  const all = Array.from({ length: 20 }, () =>
    start(qwRun, ['--isolate', 'tmpfs', 'sh', '-c', 'echo $$ >"$TMPDIR/f"; echo ready; read x'], {
      ...here.options,
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
  for (const { says } of all) await says('ready');
  for (const { child } of all) child.stdin?.end('\n');
  const ends = await Promise.all(all.map(({ done }) => done));
  assert.deepEqual(ends.map(({ stderr }) => stderr).filter(Boolean), []);
  await waitUntil('nobody sees the root any more', () => seers(basename(here.box.dir)).length === 0);
  here.nothingLeft();
});
