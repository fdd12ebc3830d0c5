// What doctor says of agents in PATH: their version without starting anything that may be a wrapper, what their settings do, and
// that no settings file, however broken, holds it up.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { diagnose } from '../helpers/diagnosed.js';
import { NO_NATIVE, native } from '../helpers/native.js';
import { qwTmp } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { script as program, standIns } from '../helpers/stand-ins.js';

const PROGRAMS = {
  claude: ['@anthropic-ai/claude-code', 'cli.js', '2.1.330'],
  codex: ['@openai/codex', 'bin/codex.js', '0.169.0'],
  gemini: ['@google/gemini-cli', 'bundle/gemini.js', '0.61.0'],
} as const;

/** As npm installs it; starting it leaves a trace. */
function install({ box }: Scene, name: keyof typeof PROGRAMS, version: string = PROGRAMS[name][2]): void {
  const [pack, entry] = PROGRAMS[name];
  const place = join(box.dir, 'lib', pack);
  put(join(place, 'package.json'), JSON.stringify({ name: pack, version }));
  script(put(join(place, entry)), box.dir);
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  symlinkSync(join(place, entry), join(box.dir, 'bin', name));
}

function script(path: string, dir: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\ntouch ${dir}/started\necho 9.9.9\n`);
  chmodSync(path, 0o755);
}

function options({ box, options: { cwd, env } }: Scene) {
  return { cwd, env: { ...env, PATH: `${box.dir}/bin:/usr/bin:/bin` } };
}

describe('agents', { concurrency: 2 }, () => {
  test('are found with their versions and what they get, and not started', async (t) => {
    const here = scene(t);
    for (const name of ['claude', 'codex', 'gemini'] as const) install(here, name);
    const { told, diagnosis } = await diagnose(options(here));
    assert.deepEqual(told, []);
    assert.deepEqual(
      diagnosis.agents.map(({ name, version, sets }) => [name, version, sets]),
      [
        ['claude', '2.1.330', {}],
        ['codex', '0.169.0', {}],
        ['gemini', '0.61.0', { GEMINI_CLI_NO_RELAUNCH: 'true' }],
      ],
    );
    assert.equal(existsSync(join(here.box.dir, 'started')), false);
    assert.equal(existsSync(join(here.box.dir, 's')), false, 'no answer is noted');
  });

  test('hooks that are turned off are noted: the model is not told of a full disk', async (t) => {
    const here = scene(t);
    install(here, 'claude');
    const file = put(join(here.box.dir, 'home/.claude/settings.json'), '{"disableAllHooks":true}');
    const { diagnosis } = await diagnose(options(here));
    const [claude] = diagnosis.agents;
    assert.deepEqual(
      [claude?.isOutweighed, claude?.warnings],
      [
        false,
        [
          {
            text: `hooks are turned off in ${file}: the model of claude is not told when the disk is full`,
            path: file,
          },
        ],
      ],
    );
  });

  test('a wrapper of the user’s own is not started for its version', async (t) => {
    const here = scene(t);
    script(join(here.box.dir, 'bin/claude'), here.box.dir);
    const { diagnosis } = await diagnose(options(here));
    assert.deepEqual(
      diagnosis.agents.map(({ name, version }) => [name, version]),
      [['claude', null]],
    );
    assert.equal(existsSync(join(here.box.dir, 'started')), false);
  });

  test('a binary is not asked either: nobody said that it should run', { skip: NO_NATIVE }, async (t) => {
    const here = scene(t);
    mkdirSync(join(here.box.dir, 'bin'));
    native(join(here.box.dir, 'bin/claude'), '2.1.50 (Claude Code)\n');
    const { diagnosis } = await diagnose(options(here));
    assert.deepEqual(
      diagnosis.agents.map(({ name, version }) => [name, version]),
      [['claude', null]],
    );
    assert.equal(existsSync(join(here.box.dir, 's')), false);
  });

  test('Claude’s settings that set another TMPDIR are outweighed', async (t) => {
    const here = scene(t);
    install(here, 'claude');
    const file = put(join(here.box.dir, 'home/.claude/settings.json'), '{"env":{"TMPDIR":"/elsewhere"}}');
    const { told, diagnosis } = await diagnose(options(here));
    const { isOutweighed, outweighed } = diagnosis.agents[0] ?? assert.fail();
    assert.deepEqual([told, isOutweighed, outweighed], [[], true, [file]]);
    const { stdout } = await run(qwTmp, ['doctor'], options(here));
    assert.ok(stdout.includes(`outweighs TMPDIR of ${file}`), stdout);
  });

  test('a version that cannot be led is told', async (t) => {
    const here = scene(t);
    install(here, 'claude', '2.0.77');
    const { told, command, diagnosis } = await diagnose(options(here));
    assert.deepEqual(told, ['warning agent-setting claude']);
    assert.equal(command('agent-setting'), 'npm install -g @anthropic-ai/claude-code');
    assert.deepEqual(diagnosis.agents[0]?.sets, { CLAUDE_CODE_TMPDIR: '$TMPDIR' });
  });

  const settings: [
    agent: 'claude' | 'codex' | 'gemini',
    file: string,
    what: string,
    make: (path: string) => void,
  ][] = [
    [
      'gemini',
      '.gemini/settings.json',
      'its tool sandbox',
      (path) => put(path, '{"security":{"toolSandboxing":true}}'),
    ],
    [
      'codex',
      '.codex/config.toml',
      'TMPDIR excluded',
      (path) => put(path, 'exclude_tmpdir_env_var = true\n'),
    ],
    ['claude', '.claude/settings.json', 'no JSON', (path) => put(path, '{"env":')],
    ['claude', '.claude/settings.json', 'unreadable', (path) => chmodSync(put(path, '{}'), 0)],
    [
      'claude',
      '.claude/settings.json',
      'a FIFO',
      (path) => {
        mkdirSync(dirname(path), { recursive: true });
        assert.equal(spawnSync('mkfifo', [path]).status, 0);
      },
    ],
    ['claude', '.claude/settings.json', 'a directory', (path) => mkdirSync(path, { recursive: true })],
  ];
  for (const [agent, file, what, make] of settings)
    test(`${agent}: ${what}: told, with the file to edit`, {
      skip: what === 'unreadable' && process.getuid?.() === 0 && 'root reads everything',
    }, async (t) => {
      const here = scene(t);
      install(here, agent);
      const path = join(here.box.dir, 'home', file);
      make(path);
      const { told, command, diagnosis } = await diagnose(options(here));
      assert.deepEqual(told, [`warning agent-setting ${agent}`]);
      assert.equal(command('agent-setting'), `"\${EDITOR:-vi}" ${path}`);
      assert.ok(diagnosis.agents[0]?.warnings[0]?.text.includes(path));
    });

  test('a quota that the tool knows is shown, and told when little is left; one that hangs is left alone', async (t) => {
    const here = scene(t);
    const bin = join(here.box.dir, 'bin');
    const { cwd, env } = options(here);
    const asking = { cwd, env: { ...env, ...standIns(bin).env } };
    const line = '/dev/sda1      98       0     100       0       2       0      30       0';
    program(bin, 'quota', `echo "Disk quotas for user me (uid 1):"\necho "  ${line}"`);
    const { diagnosis } = await diagnose(asking);
    assert.deepEqual(diagnosis.places[0]?.quota?.bytes, { used: 100_352, limit: 102_400 });
    assert.match(diagnosis.findings.find(({ code }) => code === 'low')?.text ?? '', /2\.0 KiB of your quota/);
    program(bin, 'quota', 'exec sleep 600');
    assert.equal((await diagnose(asking)).diagnosis.places[0]?.quota, null);
    assert.deepEqual(here.processes(), []);
  });
});
