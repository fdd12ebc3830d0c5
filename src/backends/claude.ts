// Claude Code. From 2.1.92 it follows TMPDIR for all it writes.
import type { BackendProfile } from './profile.js';
import { startsProgram } from './starts-program.js';

export const claude: BackendProfile = {
  name: 'claude',
  matches: (command) => startsProgram(command, ['claude'], /@anthropic-ai\/claude-code/),
  env: () => ({}),
  args: (args) => [...args],
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
  shared: [
    { name: /^(claude|node|bun)$/, argument: /\bdaemon run\b/ },
    { name: /^(claude|node|bun)$/, argument: /\bbg-pty-host\b|\bbg-spare\b/ },
    { name: /^bg-(pty-host|spare)$/ },
  ],
};
