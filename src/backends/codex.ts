// OpenAI Codex. Its workspace-write sandbox lets commands write to an existing TMPDIR by itself.
import type { BackendProfile } from './profile.js';
import { startsProgram } from './starts-program.js';

export const codex: BackendProfile = {
  name: 'codex',
  matches: (command) => startsProgram(command, ['codex'], /@openai\/codex/),
  env: () => ({}),
  args: (args) => [...args],
  shared: [],
};
