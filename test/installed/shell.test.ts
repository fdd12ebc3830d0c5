// docs/shell.md: every block is put where the document says and does what it promises, in the shell it is for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { blocksOf } from '../helpers/documents.js';
import { type Home, homeWithAgents, toldIn } from '../helpers/fake-agents.js';
import { openTerminal } from '../helpers/pty.js';
import { ids } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { goOn, stopped } from '../helpers/shell.js';
import { waitUntil } from '../helpers/wait-until.js';

const blocks = blocksOf('shell.md');
/** The blocks that name this among their words (`bash`, `tmux` …), below this heading. */
const block = (word: string, heading: RegExp): string => {
  const found = blocks.filter((it) => it.language.split(' ').includes(word) && heading.test(it.heading));
  assert.ok(found.length > 0, `no block for ${word} below ${heading}`);
  return found.map(({ text }) => text).join('');
};
const missing = (program: string) =>
  spawnSync(program, ['--version']).error || (program === 'tmux' && spawnSync('tmux', ['-V']).error)
    ? `no ${program} here`
    : false;

const GENERATOR = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator';

const SHELLS = [
  { name: 'bash', rc: '.bashrc', prompt: "PS1='status $?> '" },
  { name: 'zsh', rc: '.zshrc', prompt: "PS1='status %?> '" },
  {
    name: 'fish',
    rc: '.config/fish/config.fish',
    prompt: 'function fish_prompt; echo -n "status $status> "; end',
  },
];

test('no block is of a kind that nobody tests', () => {
  assert.deepEqual([...new Set(blocks.map(({ language }) => language))].sort(), [
    'bash zsh',
    'fish',
    'ini environment.d',
    'ini nightly.service',
    'sh',
    'sh tmux',
    'sh tmux inside',
  ]);
});

for (const { name, rc, prompt } of SHELLS) {
  describe(`at a prompt of ${name}`, { skip: missing(name), concurrency: 2 }, () => {
    for (const [heading, label] of [
      ['Aliases', undefined],
      ['Functions', 'w'],
    ] as const) {
      test(`${heading.toLowerCase()}: claude is qw-run claude, and everything else as ever`, async (t) => {
        const here = scene(t);
        const home = homeWithAgents(here);
        const before = heading === 'Functions' ? 'alias claude="echo the alias of an installer"' : '';
        write(join(home.dir, rc), `${before}\n${block(name, new RegExp(`^${heading}$`))}\n${prompt}\n`);
        const shell = openTerminal(t, name, ['-i'], { cwd: here.box.cwd, env: home.env, cols: 900 });
        const enters = (line: string) => shell.type(`${line}\r`);
        const said = async (status: RegExp) => toldIn(await shell.shows(status)).at(-1);
        await shell.shows('status 0> ');

        enters(`claude one "two words" "*"`);
        const told = await said(/ end\s.*status 7> /s);
        assert.deepEqual([told?.name, told?.args], ['claude', ['one', 'two words', '*']]);
        assert.deepEqual([told?.session?.backend, told?.session?.label], ['claude', label]);
        enters('command claude plain');
        assert.deepEqual(await said(/ end\s.*status 7> /s), {
          name: 'claude',
          args: ['plain'],
          session: undefined,
        });

        /** Ctrl-Z, fg, Ctrl-C: the status then, whatever this shell makes of it. */
        const stoppedAndEnded = async (line: string) => {
          enters(line);
          const ready = await shell.shows(/ready \d+ /);
          const agent = Number([...ready.matchAll(/ready (\d+) /g)].at(-1)?.[1]);
          shell.type('\x1a');
          await stopped(agent);
          await shell.shows(/status \d+> /);
          enters('fg');
          await goOn(agent);
          shell.type('\x03');
          const screen = await shell.shows(/status \d+> /);
          return [...screen.matchAll(/status (\d+)> /g)].at(-1)?.[1];
        };
        assert.equal(await stoppedAndEnded('claude wait'), await stoppedAndEnded('command claude wait'));
        assert.deepEqual(here.box.left(), []);
        enters('exit 0');
        await shell.ends();
        await here.nothingLeftSoon();
      });
    }
  });
}

describe('shims', { concurrency: 2 }, () => {
  const install = (t: TestContext): { here: Scene; home: Home; shims: string; sh: typeof run } => {
    const here = scene(t);
    const home = homeWithAgents(here);
    const shims = join(home.dir, '.local/share/qw-run/shims');
    const run = (script: string, env: NodeJS.ProcessEnv = {}) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
        cwd: here.box.cwd,
        env: { ...home.env, ...env },
        encoding: 'utf8',
      });
      return { status, told: toldIn(stdout), stderr };
    };
    const [files, path] = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    assert.deepEqual(run(files as string), { status: 0, told: [], stderr: '' });
    return { here, home, shims, sh: (script, env) => run(`${path}\n${script}`, env) };
  };

  test('each agent, called by its own name, from a script: arguments, status and profile', (t) => {
    const { here, sh } = install(t);
    for (const name of ['claude', 'codex', 'gemini']) {
      const { status, told, stderr } = sh(`${name} exec 'two words' '' '*' 'a:b'`);
      assert.deepEqual([status, stderr, told.length], [7, '', 1]);
      assert.deepEqual([told[0]?.name, told[0]?.args], [name, ['exec', 'two words', '', '*', 'a:b']]);
      assert.equal(told[0]?.session?.backend, name);
    }
    here.nothingLeft();
  });

  test('QW_SHIM=off starts the agent without us', (t) => {
    const { here, sh } = install(t);
    const { status, told, stderr } = sh('QW_SHIM=off claude x');
    assert.deepEqual(
      { status, told, stderr },
      { status: 7, told: [{ name: 'claude', args: ['x'], session: undefined }], stderr: '' },
    );
    here.nothingLeft();
  });

  test('an agent that starts another gives it a session beside its own', (t) => {
    const { here, sh } = install(t);
    const { told } = sh('claude run codex inner');
    const [inner, outer] = told;
    assert.deepEqual([inner?.name, outer?.name], ['codex', 'claude']);
    assert.equal(inner?.session?.parent, outer?.session?.id);
    here.nothingLeft();
  });

  test('no recursion: listed twice, copied elsewhere, linked, or called by its path', (t) => {
    const { here, home, shims, sh } = install(t);
    const real = join(home.bin, 'real-qw-run');
    renameSync(join(home.bin, 'qw-run'), real);
    // Without an end it would take the machine down: here it ends at the third.
    const guard = `[ \${#DEPTH} -lt 2 ] || exit 99; export DEPTH=1$DEPTH; exec '${real}' "$@"`;
    writeFileSync(join(home.bin, 'qw-run'), `#!/bin/sh\n${guard}\n`, { mode: 0o755 });
    const copies = join(home.dir, 'my copies');
    const links = join(home.dir, 'links');
    spawnSync('cp', ['-r', shims, copies]);
    mkdirSync(links);
    symlinkSync(join(shims, 'claude'), join(links, 'claude'));
    const orders = [
      `${shims}:${shims}:$PATH`,
      `${copies}:${shims}:$PATH`,
      `${shims}:${copies}:$PATH`,
      `${shims}:${copies}:${shims}:${copies}:$PATH`,
      `${links}:${shims}:${copies}:$PATH:`,
      `:.:/nowhere:${shims}:$PATH`,
    ];
    for (const order of orders) {
      const { status, told, stderr } = sh(`PATH="${order}"; claude x`);
      assert.deepEqual([status, told.length, told[0]?.args, stderr], [7, 1, ['x'], ''], order);
      assert.ok(told[0]?.session, order);
    }
    const path = home.env['PATH'];
    const { status, told } = sh(`PATH='${path}'; '${copies}/claude' x`);
    assert.deepEqual([status, told.length], [7, 1]);
    here.nothingLeft();
  });

  test('an agent that is not there: 127, and where it was looked for', (t) => {
    const { here, home, shims, sh } = install(t);
    const { status, stderr } = sh(`rm '${home.bin}/gemini'; gemini`);
    assert.deepEqual([status, stderr], [127, `gemini: not found in PATH after ${shims}/gemini\n`]);
    here.nothingLeft();
  });

  test('undone, nothing of it is left', (t) => {
    const { here, home, sh } = install(t);
    const { status, told } = sh('rm -r ~/.local/share/qw-run/shims; claude x');
    assert.deepEqual([status, told[0]?.session], [7, undefined]);
    assert.ok(!existsSync(join(home.dir, '.local/share/qw-run/shims')));
    here.nothingLeft();
  });

  test('fish puts them first', { skip: missing('fish') }, (t) => {
    const { here, home, shims } = install(t);
    const script = `${block('fish', /^Shims/)}\ncommand -v claude; claude x`;
    const { status, stdout } = spawnSync('fish', ['-c', script], {
      cwd: here.box.cwd,
      env: home.env,
      encoding: 'utf8',
    });
    assert.equal(status, 7);
    assert.ok(stdout.startsWith(`${shims}/claude\n`), stdout);
    assert.ok(toldIn(stdout)[0]?.session);
    here.nothingLeft();
  });

  test('environment.d: so does the systemd user manager', { skip: noGenerator() }, (t) => {
    const { here, home, shims } = install(t);
    write(join(home.dir, '.config/environment.d/qw-run.conf'), block('environment.d', /^Shims/));
    const { stdout } = spawnSync(GENERATOR, { env: home.env, encoding: 'utf8' });
    const [, PATH = ''] = /^PATH=(.*)$/m.exec(stdout) ?? [];
    assert.equal(PATH, `${shims}:${home.env['PATH']}`);
    const said = spawnSync('claude', ['x'], {
      cwd: here.box.cwd,
      env: { ...home.env, PATH },
      encoding: 'utf8',
    });
    assert.ok(toldIn(said.stdout)[0]?.session);
    here.nothingLeft();
  });
});

describe('tmux', { skip: missing('tmux') }, () => {
  /** A tmux server of this test's own. */
  const tmuxIn = (here: Scene, home: Home) => {
    const env: NodeJS.ProcessEnv = { ...home.env, TMUX_TMPDIR: here.box.dir, TERM: 'xterm' };
    delete env['TMUX'];
    const sh = (script: string) =>
      spawnSync('sh', ['-c', script], { cwd: here.box.cwd, env, encoding: 'utf8' });
    return { env, sh };
  };

  test('an agent in a session of tmux ends with it', async (t) => {
    const here = scene(t);
    const { sh } = tmuxIn(here, homeWithAgents(here));
    const [start = ''] = block('tmux', /^tmux$/).split('\nenv ');
    assert.equal(sh(start.replace('claude', 'claude wait')).status, 0);
    await waitUntil('the agent is there', () => ids(here.box).length === 1);
    await waitUntil('the agent is ready', () => /ready \d+/.test(sh('tmux capture-pane -p -t work').stdout));
    sh('tmux kill-session -t work');
    await here.nothingLeftSoon();
  });

  test('a server of tmux that an agent starts without our variables does not hold its session', async (t) => {
    const here = scene(t);
    const { env } = tmuxIn(here, homeWithAgents(here));
    const start = block('inside', /^tmux$/);
    const run = (script: string) =>
      spawnSync('qw-run', ['sh', '-c', script], { cwd: here.box.cwd, env, encoding: 'utf8' });
    assert.deepEqual([run(start).stderr, here.box.left()], ['', []]);
    const alive = spawnSync('tmux', ['list-sessions'], { env, encoding: 'utf8' });
    assert.match(alive.stdout, /^work: /);
    spawnSync('tmux', ['kill-server'], { env });
    await here.nothingLeftSoon();
    const { stderr } = run('tmux new-session -d -s work'); // with them it does: the reason for the advice
    assert.match(stderr, /stays while it is in use by tmux/);
    spawnSync('tmux', ['kill-server'], { env });
    await here.nothingLeftSoon();
  });
});

test('the systemd unit is one that systemd takes', { skip: missing('systemd-analyze') }, (t) => {
  const here = scene(t);
  const unit = join(here.box.dir, 'nightly.service');
  const verify = (text: string) => {
    writeFileSync(unit, text);
    const env = { ...here.options.env, XDG_RUNTIME_DIR: here.box.dir };
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', unit], {
      env,
      encoding: 'utf8',
    });
    return { status, stderr };
  };
  const text = block('nightly.service', /^systemd$/);
  assert.deepEqual(verify(text), { status: 0, stderr: '' });
  assert.match(verify(text.replace('TimeoutStopSec', 'TimeoutStopSek')).stderr, /Unknown key/, 'it can tell');
});

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function noGenerator(): string | false {
  return existsSync(GENERATOR) ? false : 'no environment.d generator of systemd here';
}
