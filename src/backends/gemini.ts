// Gemini CLI. Its launcher starts itself once more and swallows SIGTERM and SIGINT meanwhile: told not to.
import { basename, join } from 'node:path';
import { isRecord } from '../checks.js';
import { fs } from '../fs.js';
import { isRootsAlone } from '../process/find-tool.js';
import { binsDirectory } from '../process/own-programs.js';
import { agent } from './agent.js';
import { parseJsonWithComments } from './agent-settings.js';
import type { UnitPattern } from './patterns.js';

const OWN: readonly UnitPattern[] = [
  { path: 'gemini-client-error-*-<time>.json', shape: { kind: 'file' } },
  // The first of a command of the model's, the other of one that its user types after a `!`.
  { path: 'gemini-shell-<random:6>', shape: { kind: 'directory', holds: ['bgpids.tmp', 'pwd.tmp'] } },
];

export const gemini = agent({
  name: 'gemini',
  pack: '@google/gemini-cli',
  entry: /\/@google\/gemini-cli\/(bundle\/gemini\.js|dist\/index\.js)$/,
  env: () => ({ GEMINI_CLI_NO_RELAUNCH: 'true' }),
  settings: {
    files: ({ env: { GEMINI_CLI_HOME: place }, home, cwd }) => [
      join(place || home, '.gemini/settings.json'),
      join(cwd, '.gemini/settings.json'),
    ],
    parse: parseJsonWithComments,
  },
  tell: (settings, env) => {
    // Only when asked for: once, with a hook, Gemini (0.61.0) did not end at a SIGTERM within 20 s.
    const file = env['QW_TELL'] === 'on' ? defaultsFor(env) : undefined;
    const command = file === undefined ? undefined : settings.hook('AfterTool');
    return file === undefined || command === undefined ? {} : { [DEFAULTS_PATH]: file, [COMMAND]: command };
  },
  warnings: (_tmpdir, { found }) => {
    const [path, isOn] =
      found
        .map(({ path, content: { security } }) => [path, isRecord(security) && security['toolSandboxing']])
        .findLast(([, value]) => typeof value === 'boolean') ?? [];
    const text = `security.toolSandboxing in ${path} hides TMPDIR from what gemini runs: mktemp fails`;
    return isOn ? [text] : [];
  },
  units: OWN,
  legacy: OWN,
});

/**
 * Gemini has one file of defaults, and takes it only where nobody but root can write (0.61.0): ours does
 * where root installed us and there is no other. Its hook runs what a variable says.
 */
function defaultsFor(env: NodeJS.ProcessEnv): string | undefined {
  const bins = binsDirectory();
  const ours = bins === undefined ? undefined : join(bins, OURS);
  if (ours === undefined || process.platform === 'win32' || !isRootsAlone(ours)) return undefined;
  const own = env[DEFAULTS_PATH];
  const isTaken = own ? basename(own) !== OURS : fs.existsSync(ADMINISTRATORS);
  return isTaken ? undefined : ours;
}

const OURS = 'gemini-defaults.json';
const COMMAND = 'QW_TELL_COMMAND';
const DEFAULTS_PATH = 'GEMINI_CLI_SYSTEM_DEFAULTS_PATH';
const ADMINISTRATORS =
  process.platform === 'darwin'
    ? '/Library/Application Support/GeminiCli/system-defaults.json'
    : '/etc/gemini-cli/system-defaults.json';
