// opencode with Anthropic's API at another address.
import type { AgentCli } from './cli.js';

export const opencode: AgentCli = {
  name: 'opencode',
  pack: 'opencode-ai',
  postinstall: 'postinstall.mjs',
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
  files: ({ port }) => ({
    '.config/opencode/opencode.json': JSON.stringify({
      provider: { anthropic: { options: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'sk-test' } } },
      model: 'anthropic/claude-sonnet-4-5',
      permission: 'allow',
      autoupdate: false,
      share: 'disabled',
    }),
  }),
  args: () => ['run', 'hi'],
  terminal: () => ['--prompt', 'hi'],
  keeps: [
    '~/.cache/opencode/**',
    '~/.config/opencode/**',
    '~/.local/share/opencode/**',
    '~/.local/state/opencode/**',
  ],
  drops: [],
};
