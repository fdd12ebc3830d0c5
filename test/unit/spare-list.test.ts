// Which programs are spared by name: what people and other sessions rely on, and nothing that is the agent's own work.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { spareMatcher } from '#src/backends/spared.js';

const isSpared = spareMatcher([]).isSpared;

/** A command line; the process name is its program's, cut by the kernel after 15 bytes. */
const running = (line: string, comm?: string) => {
  const args = line.split(' ');
  return { comm: comm ?? basename(args[0] ?? '').slice(0, 15), args };
};

describe('spared', () => {
  const lines: (string | [line: string, comm: string])[] = [
    ...[
      'gpg-agent --homedir /home/x/.gnupg --use-standard-socket --daemon',
      'ssh-agent -s',
      'dirmngr --daemon',
    ],
    ...['/usr/bin/adb -L tcp:5037 fork-server server', 'watchman --foreground', '/usr/bin/sccache'],
    'java -cp /g/lib/gradle-launcher-8.5.jar org.gradle.launcher.daemon.bootstrap.GradleDaemon 8.5',
    '/usr/lib/jvm/bin/java -cp x.jar org.jetbrains.kotlin.daemon.KotlinCompileDaemon --daemon-runFilesPath /x',
    ['bazel(project) -XX:+HeapDumpOnOutOfMemoryError -jar A-server.jar', 'java'],
    'node /p/node_modules/nx/src/daemon/server/start.js',
    ['/opt/node/bin/node /p/node_modules/nx/src/daemon/server/start.js', 'MainThread'],
    '/p/node_modules/turbo-linux-64/bin/turbo daemon',
    ['tmux new-session -d', 'tmux: server'],
    ...['tmux new -s work', 'SCREEN -S work', 'screen -dmS work', '/usr/bin/dbus-daemon --session --fork'],
    ['/usr/libexec/gnome-terminal-server', 'gnome-terminal-'],
    ...[
      'kitty',
      'xterm',
      'alacritty',
      'konsole',
      'emacs --daemon',
      'emacs --bg-daemon=x',
      'emacs --fg-daemon',
    ],
    ...['/usr/share/code/code --unity-launch', '/usr/lib/firefox/firefox', '/opt/google/chrome/chrome'],
    ...['google-chrome-stable https://example.org', 'chromium-browser', 'gedit notes.txt'],
  ];
  for (const it of lines) {
    const [line, comm] = typeof it === 'string' ? [it] : it;
    test(line, () => assert.equal(isSpared(running(line, comm)), true));
  }
});

describe('not spared', () => {
  const lines = [
    ...[
      'node server.js',
      'npm run dev',
      'java -jar app.jar',
      'bash',
      'sh -c sleep 100',
      'vim notes.txt',
      'sleep 9',
    ],
    ...[
      'emacs notes.txt',
      'node /p/node_modules/.bin/vite',
      'python -m http.server',
      'my-tmux',
      'tmuxinator',
    ],
    ...['node /p/node_modules/nx/bin/nx.js serve', 'claude -p hi', 'node /x/cli.js', 'cat /usr/bin/tmux', ''],
    '/opt/google/chrome/chrome --headless=new --no-sandbox',
    '/ms-playwright/chromium-1140/chrome-linux/chrome --remote-debugging-pipe',
    '/opt/google/chrome/chrome --remote-debugging-port=9222',
    '/ms-playwright/firefox-1466/firefox/firefox -juggler-pipe',
    'sh -c tmux; sleep 100',
    'node gpg-agent',
  ];
  for (const line of lines) test(line, () => assert.equal(isSpared(running(line)), false));
  test('turbo run dev', () =>
    assert.equal(isSpared(running('/p/node_modules/turbo-linux-64/bin/turbo run dev')), false));
});

describe('names of the user', () => {
  const named = spareMatcher(['my-daemon', 'a-very-long-daemon-name', 'a.b']).isSpared;
  const table: [line: string, comm: string | undefined, expected: boolean][] = [
    ['/opt/my-daemon --serve', undefined, true],
    ['wrapped --serve', 'my-daemon', true],
    ['/opt/a-very-long-daemon-name', 'a-very-long-dae', true],
    ['x', 'a-very-long-dae', true],
    ['x', 'a-very-long-da', false],
    ['/opt/my-daemon2', undefined, false],
    ['/opt/axb', undefined, false],
    ['sh -c my-daemon', undefined, false],
    ['tmux', undefined, true],
  ];
  for (const [line, comm, expected] of table) {
    test(`${line}${comm ? `, called ${comm}` : ''}: ${expected}`, () =>
      assert.equal(named(running(line, comm)), expected));
  }
});

describe("Claude's daemon and what it serves are spared in a session of Claude only", () => {
  const claude = spareMatcher([], profileNamed('claude').shared).isSpared;
  for (const line of ['claude daemon run', '/usr/bin/node /x/cli.js daemon run', 'claude bg-pty-host 1']) {
    test(line, () => {
      assert.deepEqual([claude(running(line)), isSpared(running(line))], [true, false]);
    });
  }
  // As they were seen of 2.1.197 and 2.1.330: named by the file, which npm calls claude.exe and the installer by its version.
  const exe = '/usr/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe';
  const installed = '/home/x/.local/share/claude/versions/2.1.330';
  const seen: [comm: string, args: string[]][] = [
    ['claude.exe', [exe, 'daemon', 'run', '--origin', 'transient', '--spawned-by', '{"cwd":"/x"}']],
    ['claude.exe', [exe, '--bg-pty-host', '/tmp/cc-daemon-1000/0/pty/1.sock', '200', '50', '--', exe]],
    ['claude.exe', [exe, '--bg-spare', '/tmp/cc-daemon-1000/0/spare/1.sock']],
    ['claude.exe', ['claude bg-pty-host', '--bg-pty-host', '/tmp/cc-daemon-1000/0/pty/1.sock', '200']],
    ['claude.exe', ['claude bg-spare', '--bg-spare', '/tmp/cc-daemon-1000/0/spare/1.sock']],
    ['2.1.330', [installed, 'daemon', 'run', '--origin', 'transient']],
    ['2.1.330', ['claude bg-spare', '--bg-spare', '/tmp/cc-daemon-1000/0/spare/1.sock']],
  ];
  for (const [comm, args] of seen)
    test(`${comm}: ${args.join(' ')}`, () => assert.equal(claude({ comm, args }), true));
  for (const line of [
    ...[
      'claude -p hi',
      'claude daemonize',
      'node server.js',
      'sh -c claude_daemon run',
      'claude -p daemon run',
    ],
    ...[
      `${exe} -p hi`,
      `${exe} --session-id 1 hi`,
      `${installed} --resume daemon run`,
      'node /x/app.js daemon run',
    ],
  ]) {
    test(`not ${line}`, () => assert.equal(claude(running(line)), false));
  }
  test('a backend of a newer version spares what all spare', () => {
    assert.deepEqual(profileNamed('__proto__').shared, []);
    assert.deepEqual(profileNamed('from-the-future').shared, []);
  });
});
