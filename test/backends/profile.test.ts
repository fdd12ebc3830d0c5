// profile(): what qw-run would do for an agent, for who owns TMPDIR and processes itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { profile, QwRunError } from 'qw-run';
import { put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const place = ({ box }: Scene): string => {
  const tmpdir = join(box.dir, 't');
  mkdirSync(tmpdir);
  return tmpdir;
};

test('any program: TMPDIR in three names, nothing of a session, what would lead elsewhere taken out', (t) => {
  const here = scene(t);
  const tmpdir = place(here);
  const env = {
    PATH: '/bin:/usr/bin',
    A: 'b',
    TMPDIR: '/else',
    CLAUDE_CODE_TMPDIR: '/x',
    CLAUDE_TMPDIR: '/y',
  };
  const found = profile({ command: 'sh', args: ['-c', 'echo $TMPDIR'], env, tmpdir });
  assert.deepEqual(found, {
    file: 'sh',
    args: ['-c', 'echo $TMPDIR'],
    env: { PATH: '/bin:/usr/bin', A: 'b', TMPDIR: tmpdir, TMP: tmpdir, TEMP: tmpdir },
    warnings: [],
  });
  const { stdout } = spawnSync(found.file, found.args, { env: found.env, encoding: 'utf8' });
  assert.equal(stdout, `${tmpdir}\n`);
  assert.deepEqual([readdirSync(tmpdir), here.box.left()], [[], []]);
});

test('in somebody else’s session its name stays: the agent is of it as much as we are', (t) => {
  const tmpdir = place(scene(t));
  const { env } = profile({ command: 'sh', env: { QW_SESSION: 'abcd1234', QW_ROOT: '/r' }, tmpdir });
  assert.deepEqual([env['QW_SESSION'], env['QW_ROOT'], env['TMPDIR']], ['abcd1234', '/r', tmpdir]);
});

test('codex and cline get what keeps their commands with them; a shared daemon is a warning', (t) => {
  const tmpdir = place(scene(t));
  const env = { PATH: '/bin', HOME: tmpdir };
  const cline = profile({ command: 'cline', env, tmpdir });
  assert.equal(cline.env['CLINE_SESSION_BACKEND_MODE'], 'local');
  assert.ok(cline.env['CLINE_HUB_DISCOVERY_PATH']?.startsWith(tmpdir));
  const pack = ['@openai/codex@0.171.0'];
  assert.deepEqual(profile({ command: 'npx', args: pack, env, tmpdir }).args, [...pack, '--no-daemon']);
  const shared = profile({ command: 'npx', args: pack, env, tmpdir, daemon: 'shared' });
  assert.deepEqual(shared.args, pack);
  assert.match(shared.warnings.join(), /daemon that all its terminals share/);
});

test('Claude whose user’s settings override TMPDIR gets a settings file in it, and keeps to it', (t) => {
  const here = scene(t);
  const tmpdir = place(here);
  const home = join(here.box.dir, 'home');
  put(join(home, '.claude/settings.json'), JSON.stringify({ env: { TMPDIR: '/else' } }));
  const env = { PATH: '/bin', HOME: home };
  const { args, warnings } = profile({
    command: 'claude',
    args: ['-p', 'hi'],
    env,
    tmpdir,
    cwd: here.box.cwd,
  });
  const [given = '', ...rest] = args;
  const file = given.replace('--settings=', '');
  assert.deepEqual([rest, warnings], [['-p', 'hi'], []]);
  assert.ok(file.startsWith(`${tmpdir}/`) && existsSync(file));
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).env.TMPDIR, tmpdir);
  const missing = join(tmpdir, 'not-there');
  const without = profile({ command: 'claude', env, tmpdir: missing, cwd: here.box.cwd });
  assert.deepEqual(without.args, []);
  assert.match(without.warnings.join('\n'), /cannot write settings.*\n.*sets TMPDIR for claude/);
});

test('a TMPDIR in which sockets do not fit is a warning; one that is none is refused', (t) => {
  const env = scene(t).box.env;
  const long = `/tmp/${'x'.repeat(44)}`;
  assert.match(
    profile({ command: 'sh', env, tmpdir: long }).warnings.join(),
    /49 bytes.*108 bytes of sun_path/,
  );
  for (const wrong of [
    { tmpdir: 'relative' },
    { tmpdir: '' },
    {},
    { tmpdir: 5 },
    { tmpdir: '/t', command: '' },
  ])
    assert.throws(
      () => profile({ command: 'sh', env, ...wrong } as never),
      (error) => error instanceof QwRunError && error.code === 'ERR_QW_USAGE',
      JSON.stringify(wrong),
    );
});
