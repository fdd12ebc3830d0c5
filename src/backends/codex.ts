// OpenAI Codex. Its workspace-write sandbox lets commands write to an existing TMPDIR by itself.
import { join } from 'node:path';
import { starter } from './agent-program.js';
import { codexDaemon, startsDaemon } from './codex-daemon.js';
import type { BackendProfile } from './profile.js';

const PACK = '@openai/codex';

export const codex: BackendProfile = {
  name: 'codex',
  matches: starter({ name: 'codex', pack: PACK, entry: /\/@openai\/codex\/bin\/codex\.js$/ }),
  version: {
    pack: PACK,
    path: /\/releases\/(\d+\.\d+\.\d+)-[^/]+\/bin\/codex$/,
    output: /^codex-cli (\d+\.\d+\.\d+)\s*$/,
  },
  env: () => ({}),
  daemon: codexDaemon,
  settings: {
    files: ({ env, home }) => [join(env['CODEX_HOME'] || join(home, '.codex'), 'config.toml')],
    parse: (text) => ({
      excludesTmpdir: /^\s*exclude_tmpdir_env_var\s*=\s*true\b/m.test(text),
      startsDaemon: startsDaemon(text),
    }),
  },
  args: (_tmpdir, args) => [...args],
  warnings: (_tmpdir, { found }) =>
    found
      .filter(({ content }) => content['excludesTmpdir'])
      .map(
        ({ path }) =>
          `exclude_tmpdir_env_var in ${path} makes TMPDIR read-only for what codex runs in its sandbox`,
      ),
  units: [],
  // Its registries (codex-bwrap-synthetic-mount-targets-<uid>, codex-daemon-<uid>) are shared by all
  // sessions: never.
  legacy: [],
  shared: [], // a shell that runs in a session may start it: spared everywhere (spared.ts)
};
