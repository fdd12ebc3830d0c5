// Gemini CLI. Its launcher starts itself once more and swallows SIGTERM and SIGINT meanwhile: told not to.
import type { BackendProfile } from './profile.js';
import { startsProgram } from './starts-program.js';

export const gemini: BackendProfile = {
  name: 'gemini',
  matches: (command) => startsProgram(command, ['gemini'], /@google\/gemini-cli/),
  env: () => ({ GEMINI_CLI_NO_RELAUNCH: 'true' }),
  args: (args) => [...args],
  units: ['gemini-client-error-*.json', 'gemini-shell-*'],
  legacy: ['gemini-client-error-*.json', 'gemini-shell-*'],
  shared: [],
};
