// OpenAI Codex. Its workspace-write sandbox lets commands write to an existing TMPDIR by itself.
import type { BackendProfile } from './profile.js';
import { startsProgram } from './starts-program.js';

export const codex: BackendProfile = {
  name: 'codex',
  matches: (command) => startsProgram(command, ['codex'], /@openai\/codex/),
  env: () => ({}),
  args: (args) => [...args],
  units: [],
  // Its registries (codex-bwrap-synthetic-mount-targets-<uid>, codex-daemon-<uid>) are shared by all sessions: never.
  legacy: [],
  shared: [],
};
