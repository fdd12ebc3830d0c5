// Claude Code. From 2.1.92 it follows TMPDIR for all it writes; before, CLAUDE_CODE_TMPDIR alone moved claude-<uid>.
import { join } from 'node:path';
import { starter } from './agent-program.js';
import { parseJson } from './agent-settings.js';
import { MANAGED, outweigh, overrides, tellOverride } from './claude-settings.js';
import type { BackendProfile } from './profile.js';
import { isBefore, type Version } from './version.js';

const PACK = '@anthropic-ai/claude-code';

/** It takes no notice of TMPDIR. */
const isDeaf = (version: Version | undefined): boolean => isBefore(version, [2, 1, 92]);

/** The variables as its settings have to say them: an empty CLAUDE_CODE_TMPDIR is none. */
const wanted = (tmpdir: string, version: Version | undefined) => ({
  TMPDIR: tmpdir,
  CLAUDE_CODE_TMPDIR: isDeaf(version) ? tmpdir : '',
});

export const claude: BackendProfile = {
  name: 'claude',
  matches: starter({
    name: 'claude',
    pack: PACK,
    entry:
      /\/@anthropic-ai\/claude-code(\/cli\.js|\/cli-wrapper\.cjs|\/bin\/claude\.exe|-[a-z0-9-]+\/claude)$|\/claude\/versions\/\d+\.\d+\.\d+$/,
  }),
  version: {
    pack: PACK,
    path: /\/claude\/versions\/(\d+\.\d+\.\d+)$/,
    output: /^(\d+\.\d+\.\d+) \(Claude Code\)\s*$/,
  },
  env: (tmpdir, version) => (isDeaf(version) ? { CLAUDE_CODE_TMPDIR: tmpdir } : {}),
  settings: {
    files: ({ env: { CLAUDE_CONFIG_DIR: config }, home, cwd }) => [
      join(config || home, '.claude.json'),
      join(config || join(home, '.claude'), 'settings.json'),
      join(cwd, '.claude/settings.json'),
      join(cwd, '.claude/settings.local.json'),
      MANAGED,
    ],
    // .claude.json is large, and seldom has an `env`
    parse: (text, path) => (path.endsWith('.claude.json') && !text.includes('TMPDIR') ? {} : parseJson(text)),
  },
  args: (tmpdir, args, settings) => outweigh(wanted(tmpdir, settings.version), args, settings),
  warnings: (tmpdir, { version, found }) => [
    ...found
      .filter(({ path, content }) => path === MANAGED && overrides(content, wanted(tmpdir, version)))
      .map(({ path }) => tellOverride(path)),
    ...(isBefore(version, [2, 1, 5])
      ? ['claude before 2.1.5 also writes to /tmp/claude, whatever TMPDIR says']
      : []),
  ],
  units: ['claude-<uid>/*/<uuid>', 'claude-<uid>/*/<uuid>/tasks/*.output', 'claude-*-cwd', 'claude-empty-*'],
  // Below claude-<uid> only a session's own directory: the levels above are shared by all. Never claude/ (every user's),
  // cc-* (sockets and daemons).
  legacy: [
    'claude-<uid>/*/<uuid>',
    'claude-<uid>/cwd-*',
    'claude-*-cwd',
    'claude-empty-*',
    'claude-settings-*.json',
  ],
  // `claude --bg` and the agents view start a daemon per user: it keeps the first session's TMPDIR and serves all others.
  // A process is named by the file it was started from: claude.exe from npm, a version's number from the installer.
  shared: [
    {
      name: /^(claude(\.exe)?|\d+\.\d+\.\d+)$/,
      argument: /^(\S*\/\S+ )?(daemon run|(--)?bg-(pty-host|spare))( |$)/,
    },
    { name: /^(node|bun)$/, argument: /(^|\/)(cli\.js|claude) (daemon run|(--)?bg-(pty-host|spare))( |$)/ },
    { name: /^(claude )?bg-(pty-host|spare)$/ },
  ],
};
