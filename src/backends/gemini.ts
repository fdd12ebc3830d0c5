// Gemini CLI. Its launcher starts itself once more and swallows SIGTERM and SIGINT meanwhile: told not to.
import { join } from 'node:path';
import { starter } from './agent-program.js';
import { isObject, parseJsonWithComments } from './agent-settings.js';
import type { UnitPattern } from './patterns.js';
import type { BackendProfile } from './profile.js';

const OWN: readonly UnitPattern[] = [
  { path: 'gemini-client-error-*-<time>.json', shape: { kind: 'file' } },
  // The first of a command of the model's, the other of one that its user types after a `!`.
  {
    path: 'gemini-shell-<random:6>',
    shape: { kind: 'directory', holds: ['bgpids.tmp', 'pwd.tmp'] },
  },
];

export const gemini: BackendProfile = {
  name: 'gemini',
  matches: starter({
    name: 'gemini',
    pack: '@google/gemini-cli',
    entry: /\/@google\/gemini-cli\/(bundle\/gemini\.js|dist\/index\.js)$/,
  }),
  env: () => ({ GEMINI_CLI_NO_RELAUNCH: 'true' }),
  settings: {
    files: ({ env: { GEMINI_CLI_HOME: place }, home, cwd }) => [
      join(place || home, '.gemini/settings.json'),
      join(cwd, '.gemini/settings.json'),
    ],
    parse: parseJsonWithComments,
  },
  args: (_tmpdir, args) => [...args],
  warnings: (_tmpdir, { found }) => {
    const [path, isOn] =
      found
        .map(({ path, content: { security } }) => [path, isObject(security) && security['toolSandboxing']])
        .findLast(([, value]) => typeof value === 'boolean') ?? [];
    return isOn
      ? [`security.toolSandboxing in ${path} hides TMPDIR from what gemini runs: mktemp fails`]
      : [];
  },
  units: OWN,
  legacy: OWN,
  shared: [],
};
