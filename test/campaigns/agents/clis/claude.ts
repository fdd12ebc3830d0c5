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
  files: ({ work, terminals = [], isSandboxed, settings = {} }) => ({
    '.claude/settings.json': JSON.stringify({ ...ACCEPTED, ...(isSandboxed ? SANDBOX : {}), ...settings }),
    '.claude.json': JSON.stringify({
      ...SEEN,
      projects: Object.fromEntries([work, ...terminals].map((dir) => [dir, TRUSTED])),
    }),
  }),
  args: ({ isInDaemon }) => [...(isInDaemon ? ['--bg'] : PRINT), '--dangerously-skip-permissions', 'hi'],
  terminal: () => ['--dangerously-skip-permissions', 'hi'],
  keeps: [
    '~/.claude/**',
    '~/.claude.json',
    '~/.claude.json.*',
    '~/.cache/claude*/**',
    '~/.config/anthropic/**',
    '~/.npm/_logs/**', // of the npm it starts
    '~/.npm/_update-notifier-last-checked',
    '~/.config/mimeapps.list',
    '~/.local/share/applications/claude-code-url-handler.desktop',
  ],
  drops: [],
};

const TRUSTED = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };

const SANDBOX = {
  sandbox: {
    enabled: true,
    autoAllowBashIfSandboxed: true,
    allowUnsandboxedCommands: false,
    failIfUnavailable: true,
  },
};

const PRINT = ['-p', '--output-format', 'stream-json', '--verbose'];

/** A session in the background has a screen, and nobody before it to answer questions. */
const ACCEPTED = { skipDangerousModePermissionPrompt: true };
const SEEN = {
  hasCompletedOnboarding: true,
  theme: 'dark',
  customApiKeyResponses: { approved: ['sk-test'], rejected: [] },
};
