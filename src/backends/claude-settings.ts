// Claude applies `env` of its settings on top of its environment: a TMPDIR there leads past ours. `--settings` outweighs all
// but managed ones, so where something does, it gets a file with the user's own `--settings` and our TMPDIR in it.
import { isObject, parseJson, reasonOf } from './agent-settings.js';
import type { AgentSettings } from './profile.js';
import { settingsFlags, withSettings } from './settings-flag.js';

/** Claude's own arguments, with a settings file in them where something overrides what is `wanted`. */
export function outweigh(
  wanted: Record<string, string>,
  args: readonly string[],
  settings: AgentSettings,
): string[] {
  const flag = settingsFlags(args).at(-1)?.value;
  const own = flag === undefined ? {} : ownSettings(flag, settings);
  if (!own) return [...args];
  const found = settings.found.filter(({ path }) => path !== MANAGED); // those win over --settings too
  const culprit = [...found, { path: '--settings', content: own }].find(({ content }) =>
    overrides(content, wanted),
  );
  if (!culprit) return [...args];
  const env = isObject(own['env']) ? own['env'] : {};
  const file = canCarry(args, flag) ? settings.keep({ ...own, env: { ...env, ...wanted } }) : undefined;
  if (file !== undefined) return withSettings(args, file);
  settings.warn(tellOverride(culprit.path));
  return [...args];
}

export const tellOverride = (path: string): string =>
  `${path} sets TMPDIR for claude: what it writes there is not cleaned up`;

/** A variable in `env` leads elsewhere than `wanted`. */
export function overrides({ env }: Record<string, unknown>, wanted: Record<string, string>): boolean {
  return isObject(env) && Object.entries(wanted).some(([name, value]) => name in env && env[name] !== value);
}

/** As Claude reads it: JSON when it is in braces, else a file. */
function ownSettings(value: string, { read, warn }: AgentSettings): Record<string, unknown> | undefined {
  try {
    return /^\s*\{[\s\S]*\}\s*$/.test(value) ? parseJson(value) : read(value);
  } catch (error) {
    warn(`--settings of claude cannot be read (${reasonOf(error)}): it may override TMPDIR`);
    return undefined;
  }
}

/** Settings of the machine's administrator. */
export const MANAGED =
  process.platform === 'darwin'
    ? '/Library/Application Support/ClaudeCode/managed-settings.json'
    : process.platform === 'win32'
      ? 'C:\\Program Files\\ClaudeCode\\managed-settings.json'
      : '/etc/claude-code/managed-settings.json';

/**
 * A subcommand has to stay the first word, and what `--bg` starts outlives the session and its file. One word in lower case
 * may be a prompt too: then it is taken for a subcommand, and the user told.
 */
const canCarry = (args: readonly string[], flag: string | undefined): boolean =>
  (flag !== undefined || !/^[a-z][a-z-]*$/.test(args[0] ?? '')) &&
  !args.includes('--bg') &&
  !args.includes('--background');
