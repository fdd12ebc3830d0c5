// What the child is given: its own TMPDIR, our variables, without those that would lead it elsewhere; all else as without us.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { quoted } from '../helpers/quoted.js';
import { scene } from '../helpers/scene.js';

interface World {
  args: string[];
  cwd: string;
  env: Record<string, string>;
  tmpdir: { real: string; mode: number; uid: number; entries: string[] };
}

const TELL = [process.execPath, fixture('tell-world.mjs')];

/** Runs the child that tells its world, and checks that it ended well. */
async function tell(args: string[], options: Parameters<typeof run>[2]): Promise<World> {
  const { code, signal, stdout, stderr } = await run(qwRun, args, options);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

describe('the environment of the child', { concurrency: 2 }, () => {
  test('TMPDIR, TMP and TEMP are one empty private directory of this session', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const { env, tmpdir } = await tell(TELL, options);
    const T = join(box.root, env['QW_SESSION'] ?? '', 'tmp');
    assert.match(env['QW_SESSION'] ?? '', /^[a-z0-9]{8}$/);
    assert.deepEqual([env['TMPDIR'], env['TMP'], env['TEMP'], env['QW_ROOT']], [T, T, T, box.root]);
    assert.deepEqual(tmpdir, { real: T, mode: 0o700, uid: process.getuid?.(), entries: [] });
    nothingLeft();
  });

  for (const umask of ['0000', '0027', '0777']) {
    test(`session, TMPDIR and lease are the owner's alone with umask ${umask}`, (t) => {
      const { options: env, nothingLeft } = scene(t);
      const script = 'umask $1; shift; exec "$@"';
      const args = ['-c', script, 'sh', umask, process.execPath, qwRun, 'sh', '-c', STAT];
      const { stdout, stderr, status } = spawnSync('sh', args, { ...env, encoding: 'utf8' });
      assert.deepEqual([status, stdout], [0, '700 700 600\n'], stderr);
      nothingLeft();
    });
  }

  test('TMPDIR is a real path where the root is reached through a link', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    symlinkSync(box.dir, join(box.dir, 'l'));
    const { env, tmpdir } = await tell(['--root', join(box.dir, 'l/r'), ...TELL], options);
    assert.equal(env['TMPDIR'], tmpdir.real);
    assert.equal(env['QW_ROOT'], box.root);
    nothingLeft();
  });

  test('inherited values of ours are replaced, and those that lead an agent elsewhere are gone', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const stale = {
      TMPDIR: '/tmp',
      TMP: '/nowhere',
      TEMP: '',
      CLAUDE_CODE_TMPDIR: '/tmp',
      CLAUDE_TMPDIR: '',
    };
    const { env, tmpdir } = await tell(TELL, { ...options, env: { ...options.env, ...stale } });
    assert.deepEqual([env['TMP'], env['TEMP'], env['TMPDIR']], Array(3).fill(tmpdir.real));
    assert.equal(env['QW_ROOT'], box.root);
    assert.deepEqual(
      Object.keys(env).filter((name) => name.startsWith('CLAUDE')),
      [],
    );
    nothingLeft();
  });

  test('everything else of the environment is as without us', async (t) => {
    const { options, nothingLeft } = scene(t);
    const odd = {
      EMPTY: '',
      LINES: 'one\ntwo\r\n\ttab',
      'name with space': 'x=y=z',
      'BASH_FUNC_f%%': '() { :; }',
      tmpdir: 'lower case is another variable here',
      CLAUDE_CONFIG_DIR: '/kept',
      GRÜSSE: 'schön — 漢字',
      HUGE: 'x'.repeat(100_000),
      QW_GRACE: '3s',
    };
    const env = { ...options.env, ...odd };
    const direct = await run(TELL[1] as string, [], { ...options, env });
    const { env: seen } = await tell(TELL, { ...options, env });
    const expected = JSON.parse(direct.stdout).env;
    const { TMPDIR, QW_SESSION } = seen;
    assert.deepEqual(seen, { ...expected, TMPDIR, TMP: TMPDIR, TEMP: TMPDIR, QW_SESSION });
    nothingLeft();
  });

  const gemini: [how: string, flags: string[], program: string, value: string | undefined][] = [
    ['--backend gemini', ['--backend', 'gemini'], 'agent', 'true'],
    ['a program of its name', [], 'gemini', 'true'],
    ['--backend generic, whatever its name', ['--backend', 'generic'], 'gemini', undefined],
    ['another program', [], 'agent', undefined],
  ];
  for (const [how, flags, program, value] of gemini) {
    test(`GEMINI_CLI_NO_RELAUNCH is ${value ?? 'not set'} for ${how}`, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      const bin = join(box.dir, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, program), `#!/bin/sh\nexec ${quoted(...TELL)} "$@"\n`);
      chmodSync(join(bin, program), 0o755);
      const env = { ...options.env, PATH: `${bin}:${options.env['PATH']}` };
      const world = await tell([...flags, program, 'a b'], { ...options, env });
      assert.equal(world.env['GEMINI_CLI_NO_RELAUNCH'], value);
      assert.deepEqual(world.args, ['a b']);
      nothingLeft();
    });
  }
});

const STAT = 'echo $(stat -c %a "$TMPDIR" "$TMPDIR/.." "$TMPDIR/../lease.json")';
