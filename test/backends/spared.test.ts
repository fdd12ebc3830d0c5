// Which programs are spared by name: what people and other sessions rely on, and nothing that is the agent's own work.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { type NamedProcess, ownPlace, type SpareRule, spareMatcher } from '#src/backends/spared.js';

const matcher = (names: string[] = [], shared: readonly SpareRule[] = [], ownPlaces: string[] = []) => {
  const kindOf = spareMatcher({ names, shared, ownPlaces });
  return (facts: NamedProcess) => kindOf(facts) !== undefined;
};
const isSpared = matcher();

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
    ...['git credential-cache--daemon /home/x/.cache/git/credential/socket', 'Xvfb :97'],
    ['PM2 v5.4.3: God Daemon (/home/x/.pm2)', 'PM2 v5.4.3: God'],
    'node /usr/lib/node_modules/pm2/lib/Daemon.js',
    'node /home/x/.vscode-server/cli/servers/Stable-1/server/out/server-main.js --start-server',
    '/usr/bin/node /opt/cline/cli.js --cline-hub-daemon',
    '/opt/cline --cline-hub-daemon --cwd /p --host 127.0.0.1 --port 25463 --pathname /hub',
    '/h/bin/codex app-server --listen unix:// --managed-daemon',
    '/h/bin/codex app-server daemon pid-update-loop',
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
    '/opt/cline --cline-hub-daemon --cwd /p --host 127.0.0.1 --port 12345 --pathname /qw-abcd1234',
    'codex app-server',
  ];
  for (const line of lines) test(line, () => assert.equal(isSpared(running(line)), false));
  test('a child of a browser that is driven, with its arguments in one string', () => {
    const title = '/usr/lib/chromium/chromium --type=zygote --headless --user-data-dir=/tmp/p';
    assert.equal(isSpared({ comm: 'chromium', args: [title] }), false);
  });
  test('turbo run dev', () =>
    assert.equal(isSpared(running('/p/node_modules/turbo-linux-64/bin/turbo run dev')), false));
});

describe('names of the user', () => {
  const named = matcher(['my-daemon', 'a-very-long-daemon-name', 'a.b']);
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
  const claude = matcher([], profileNamed('claude').shared);
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

describe('what bears a listed name alone, and lies in a place of the session, is its own', () => {
  const own = matcher(['kept'], [], ['/home/x/project', '/tmp/qw-1000/aaaaaaaa/tmp']);
  const bin = (exe: string, args = [exe]) => ({ comm: basename(exe), args, exe, cwd: '/home/x/project' });
  const script = (path: string) => ({
    comm: basename(path),
    args: ['/bin/sh', path],
    exe: '/usr/bin/dash',
    cwd: '/home/x/project',
  });
  const table: [what: string, facts: NamedProcess, isListed: boolean][] = [
    ['a program in the working directory', bin('/home/x/project/build/code'), false],
    ['a program in TMPDIR', bin('/tmp/qw-1000/aaaaaaaa/tmp/foot'), false],
    ['a script in the working directory', script('/home/x/project/code'), false],
    ['a script named by a relative path', script('./code'), false],
    ['a program beside the working directory', bin('/home/x/project2/code'), true],
    ['the real one', bin('/usr/share/code/code'), true],
    ['a script elsewhere', script('/usr/local/bin/code'), true],
    ['one that a package manager put into the project', bin('/home/x/project/node_modules/x/bin/adb'), true],
    ['one whose arguments say it, too', bin('/home/x/project/emacs', ['emacs', '--daemon']), true],
    ['what the user asked to spare', bin('/home/x/project/kept'), true],
    ['one whose program cannot be read', { comm: 'code', args: ['code'] }, true],
  ];
  for (const [what, facts, isListed] of table)
    test(`${what}: ${isListed ? 'no' : 'yes'}`, () => assert.equal(own(facts), isListed));

  const places: [cwd: string, isPlace: boolean][] = [
    ['/home/x/project', true],
    ['/srv/work', true],
    ['/home/x', false],
    ['/home', false],
    ['/', false],
    ['/usr/local/bin', false],
    ['/opt/app', false],
  ];
  for (const [cwd, isPlace] of places)
    test(`${cwd} is ${isPlace ? 'one' : 'none'}`, () =>
      assert.deepEqual(ownPlace(cwd, '/home/x'), isPlace ? [cwd] : []));
  test('none where nobody knows the home', () => assert.deepEqual(ownPlace('/srv/work', undefined), []));
});
