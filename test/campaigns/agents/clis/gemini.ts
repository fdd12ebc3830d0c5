// Gemini CLI with a prompt on the command line. Its tool sandbox hides TMPDIR whatever one sets, so none is measured.
import type { AgentCli } from './cli.js';

export const gemini: AgentCli = {
  name: 'gemini',
  pack: '@google/gemini-cli',
  env: (port) => ({ GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}` }),
  files: () => ({
    '.gemini/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true },
    }),
  }),
  args: () => ['-p', 'hi', ...FREELY],
  terminal: () => ['-i', 'hi', ...FREELY],
  keeps: ['~/.gemini/**'],
  drops: [],
};

const FREELY = ['--yolo', '--skip-trust', '-m', 'gemini-2.5-flash'];
