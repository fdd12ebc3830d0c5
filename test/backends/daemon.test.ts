// Whether a start of an agent leaves its commands to a daemon that all terminals share: decided by version,
// arguments, settings and variables, for terminals only, and never by a guess that could keep the agent from
// starting.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startsDaemon } from '#src/backends/codex.js';
import type { DaemonChoice, DaemonUse } from '#src/backends/daemon.js';
import { profileNamed } from '#src/backends/profiles.js';
import { parseVersion } from '#src/backends/version.js';

interface Start {
  wanted?: DaemonChoice;
  version?: string;
  canAdd?: boolean;
  env?: NodeJS.ProcessEnv;
  config?: boolean;
}

const use = (agent: string, line: string, start: Start = {}): DaemonUse => {
  const { wanted, version = '0.171.0', canAdd = true, env = {}, config = false } = start;
  return (
    profileNamed(agent).daemon?.({
      wanted,
      args: line.split(' ').filter(Boolean),
      canAdd,
      env,
      settings: {
        version: parseVersion(version),
        found: [{ content: { startsDaemon: config } }],
      },
      session: { id: 'abcd1234', tmpdir: '/t/abcd1234/tmp' },
    }) ?? {}
  );
};

/** In a word. */
const verdict = ({ isOutside, args, env, warning }: DaemonUse): string => {
  if (isOutside) return 'outside';
  const kept = args?.length || Object.values(env ?? {}).some((value) => value !== undefined);
  return [kept ? 'kept' : '', warning ? 'warned' : ''].filter(Boolean).join(', ') || 'untouched';
};

describe('codex', () => {
  const table: [line: string, expected: string, start?: Start][] = [
    ['', 'kept'],
    ['hi', 'kept'],
    ['-m exec hi', 'kept'],
    ['resume --last', 'kept'],
    ['fork', 'kept'],
    ['agents', 'kept'],
    ['-- exec', 'kept'],
    ['--disable daemon_auto_start', 'kept'], // alone it would ask to restart the daemon
    ['exec --json hi', 'untouched'],
    ['-c a=b exec hi', 'untouched'],
    ['--model x e hi', 'untouched'],
    ['review', 'untouched'],
    ['mcp list', 'untouched'],
    ['app-server', 'untouched'],
    ['--no-daemon hi', 'untouched'],
    ['resume --no-daemon', 'untouched'],
    ['--remote unix:// hi', 'warned'],
    ['--remote=ws://x hi', 'warned'],
    ['app-server daemon start', 'outside'],
    ['remote-control start', 'outside'],
    ['hi', 'kept', { version: '0.156.0' }],
    ['hi', 'untouched', { version: '0.155.1' }],
    ['hi', 'untouched', { version: '0.20.0', wanted: 'shared' }],
    ['hi', 'warned', { version: '' }],
    ['exec hi', 'untouched', { version: '' }],
    ['hi', 'warned', { canAdd: false }],
    ['exec hi', 'untouched', { canAdd: false }],
    ['hi', 'outside', { wanted: 'shared' }],
    ['exec hi', 'untouched', { wanted: 'shared' }],
    ['--enable daemon_auto_start hi', 'outside'],
    ['--enable=daemon_auto_start hi', 'outside', { wanted: 'own' }],
    ['-c features.daemon_auto_start=true hi', 'outside'],
    ['-c features.daemon_auto_start=false hi', 'kept'],
    ['hi', 'outside', { config: true }],
    ['hi', 'kept', { config: true, wanted: 'own' }],
  ];
  for (const [line, expected, start] of table)
    test(`codex ${line} ${JSON.stringify(start ?? {})}: ${expected}`, () => {
      assert.equal(verdict(use('codex', line, start)), expected);
    });

  test('what is added is the flag, and nothing else', () => {
    assert.deepEqual(use('codex', 'hi'), { args: ['--no-daemon'] });
  });

  test('its configuration asks for the daemon where the feature is true', () => {
    assert.ok(startsDaemon('model = "x"\n[features]\na = false\ndaemon_auto_start = true\n[tui]\n'));
    assert.ok(startsDaemon('features.daemon_auto_start=true'));
    for (const text of [
      '',
      '[features]\ndaemon_auto_start = false',
      '[features]\n[other]\ndaemon_auto_start = true',
      '# features.daemon_auto_start = true',
    ])
      assert.ok(!startsDaemon(text), text);
  });
});

describe('cline', () => {
  const table: [line: string, expected: string, start?: Start][] = [
    ['', 'kept'],
    ['-i hi', 'kept'],
    ['--json hi', 'kept'],
    ['--model hub hi', 'kept'],
    ['-P hub', 'kept'],
    ['--zen hi', 'outside'],
    ['-z hi', 'outside'],
    ['hub start', 'outside'],
    ['doctor fix', 'untouched'],
    ['update', 'untouched'],
    ['hi', 'outside', { wanted: 'shared' }],
    ['hi', 'outside', { env: { CLINE_SESSION_BACKEND_MODE: 'hub' } }],
    ['hi', 'kept', { env: { CLINE_SESSION_BACKEND_MODE: 'local' } }],
    ['hi', 'kept', { env: { CLINE_SESSION_BACKEND_MODE: '' } }],
    ['hi', 'outside', { env: { CLINE_HUB_PORT: '4711' } }],
    ['hi', 'kept', { env: { CLINE_HUB_PORT: '4711' }, wanted: 'own' }],
  ];
  for (const [line, expected, start] of table)
    test(`cline ${line} ${JSON.stringify(start ?? {})}: ${expected}`, () => {
      assert.equal(verdict(use('cline', line, start)), expected);
    });

  test('a session gets a place of its own, also inside another one; what asks for the hub has none', () => {
    const { env = {} } = use('cline', 'hi');
    assert.deepEqual(env, {
      CLINE_SESSION_BACKEND_MODE: 'local',
      CLINE_HUB_DISCOVERY_PATH: '/t/abcd1234/tmp/cline-hub.json',
      CLINE_HUB_PATHNAME: '/qw-abcd1234',
      CLINE_HUB_PORT: env['CLINE_HUB_PORT'],
    });
    assert.match(env['CLINE_HUB_PORT'] ?? '', /^1\d{4}$/);
    const nested = { env: { ...env, CLINE_HUB_PATHNAME: '/qw-zzzz9999' } as NodeJS.ProcessEnv };
    assert.deepEqual(use('cline', 'hi', nested).env, env);
    const left = use('cline', '--zen hi', nested).env ?? {};
    assert.deepEqual([...new Set(Object.values(left)), Object.keys(left).length], [undefined, 5]);
  });
});

/** Where 2.1.332 takes such a word for a prompt, or for an option's value. */
const PROMPTS = [
  ...['-p agents', '--verbose --print agents', 'hi agents', '-- agents', '--resume agents'],
  ...['--add-dir x agents', '--model opus attach 0e47be10', '--verbose respawn --all'],
];

test('claude gives nothing of a session to its daemon, and nothing else of it is touched', () => {
  for (const line of [
    '--bg hi',
    '--background hi',
    'daemon run --origin transient',
    '--bg-pty-host x 200 50 -- claude',
    'agents',
    '--model opus agents',
    '--verbose agents --json',
    'attach 0e47be10',
    'respawn --all',
  ])
    assert.equal(verdict(use('claude', line)), 'outside', line);
  assert.match(
    use('claude', 'agents --cwd /x').warning ?? '',
    /^claude agents runs its commands in the daemon/,
  );
  for (const line of ['-p hi', '', '--session-id u', '--bg-spare x', ...PROMPTS])
    assert.equal(verdict(use('claude', line)), 'untouched', line);
});

test('an agent without a daemon is not asked', () => {
  for (const name of ['gemini', 'generic']) assert.equal(verdict(use(name, '')), 'untouched');
});
