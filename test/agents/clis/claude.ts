// Claude Code in print mode. It refuses to skip permissions as root.
import type { AgentCli } from './cli.js';

export const claude: AgentCli = {
  name: 'claude',
  pack: '@anthropic-ai/claude-code',
  postinstall: 'install.cjs',
  env: (port) => ({
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    ANTHROPIC_API_KEY: 'sk-test',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  }),
  files: ({ isSandboxed, settings = {} }) => ({
    '.claude/settings.json': JSON.stringify({ ...(isSandboxed ? SANDBOX : {}), ...settings }),
  }),
  args: () => ['-p', 'hi', '--dangerously-skip-permissions', '--output-format', 'stream-json', '--verbose'],
  keeps: [
    '~/.claude/**',
    '~/.claude.json',
    '~/.claude.json.*',
    '~/.cache/claude*/**',
    '~/.config/anthropic/**',
    '~/.npm/_logs/**', // of the npm it starts
  ],
  drops: [],
};

const SANDBOX = {
  sandbox: {
    enabled: true,
    autoAllowBashIfSandboxed: true,
    allowUnsandboxedCommands: false,
    failIfUnavailable: true,
  },
};
