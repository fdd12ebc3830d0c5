// Qwen Code with a prompt on the command line, and an API that speaks as OpenAI's.
import type { AgentCli } from './cli.js';

export const qwen: AgentCli = {
  name: 'qwen',
  pack: '@qwen-code/qwen-code',
  env: (port) => ({
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    OPENAI_MODEL: 'stand-in',
  }),
  files: () => ({
    '.qwen/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'openai' } },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false },
      model: { name: 'stand-in' },
    }),
  }),
  args: () => ['-p', 'hi', '--yolo'],
  terminal: () => ['-i', 'hi', '--yolo'],
  keeps: ['~/.qwen/**'],
  drops: [],
};
