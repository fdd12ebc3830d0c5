// GitHub Copilot CLI with a prompt on the command line, and a provider of its user's: then it asks for no account.
import type { AgentCli } from './cli.js';

export const copilot: AgentCli = {
  name: 'copilot',
  pack: '@github/copilot',
  env: (port) => ({
    COPILOT_PROVIDER_BASE_URL: `http://127.0.0.1:${port}/v1`,
    COPILOT_PROVIDER_API_KEY: 'sk-test',
    COPILOT_MODEL: 'stand-in',
    COPILOT_OFFLINE: 'true',
    COPILOT_AUTO_UPDATE: 'false',
  }),
  files: ({ work }) => ({
    '.copilot/config.json': JSON.stringify({ trusted_folders: [work], banner: 'never' }),
  }),
  args: () => ['-p', 'hi', ...FREELY],
  terminal: () => ['-i', 'hi', ...FREELY],
  keeps: ['~/.copilot/**', '~/.cache/copilot/**', '~/.cache/Microsoft/DeveloperTools/**'],
  drops: [],
};

/** Its commands may write to /tmp without us, too. */
const FREELY = ['--allow-all-tools', '--allow-all-paths', '--no-color'];
