// Cline in a terminal, with OpenAI's API at another address. A prompt of one word is a command to it.
import type { AgentCli } from './cli.js';

export const cline: AgentCli = {
  name: 'cline',
  pack: 'cline',
  isTerminalOnly: true,
  env: () => ({}),
  files: ({ port }) => ({
    '.cline/data/settings/providers.json': JSON.stringify({
      version: 1,
      lastUsedProvider: PROVIDER,
      modes: {},
      providers: { [PROVIDER]: { settings: settings(port), updatedAt: DATE, tokenSource: 'manual' } },
    }),
  }),
  args: () => [],
  terminal: () => ['-i', 'say hello'],
  keeps: ['~/.cline/**'],
  drops: [],
};

const PROVIDER = 'openai-native';
const DATE = '2026-11-29T00:00:00.000Z';
const settings = (port: number) => ({
  provider: PROVIDER,
  apiKey: 'sk-test',
  model: 'gpt-5',
  baseUrl: `http://127.0.0.1:${port}/v1`,
});
